"""What checks of replicas find."""

from datetime import datetime
from enum import StrEnum

from marquee.contracts.base import Contract
from marquee.contracts.ids import Id


class Fault(StrEnum):
    """What is wrong with a file of a replica."""

    MISSING = "missing"
    SIZE = "wrong size"
    BYTES = "wrong bytes"
    UNREADABLE = "unreadable"


class ReplicaFinding(Contract):
    """What one check found in one replica: files by fault, paths without a good copy anywhere, files repaired."""

    release_id: Id
    region: str
    at: datetime
    found: dict[Fault, int]
    lost: tuple[str, ...]
    repaired: int
