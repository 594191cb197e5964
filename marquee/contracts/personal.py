"""What is kept of a member, table by table."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class KeptTable(NamedTuple):
    """The rows of one table that are about a member. They are read while they are asked for, and once."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Mapping[str, Any]]
