"""A/B tests of rows: who is on which side follows from the test's salt and the profile's id, and from nothing else."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

ROW_ORDER = "row-order"  # control: rows in the default order; any other arm, and nobody's test: each viewer's own
SPACE = 1 << 64


@dataclass(frozen=True, slots=True)
class Experiment:
    """An active test. `arms` are the arms and their shares of viewers, the control first; shares need not add up to 1.

    The salt makes tests independent of each other: who is treated in one says nothing of the next.
    """

    name: str
    salt: str
    arms: Mapping[str, float]

    def arm(self, profile_id: int) -> str:
        """The arm of a profile; the same in every process and at any time while the salt and the arms stay."""
        digest = hashlib.blake2b(f"{self.salt}:{profile_id}".encode(), digest_size=8).digest()
        point = int.from_bytes(digest, "big") / SPACE * sum(self.arms.values())
        for name, share in self.arms.items():
            point -= share
            if point < 0:
                return name
        return list(self.arms)[-1]

    def controls(self, profile_id: int) -> bool:
        """Whether the profile is on the control's side."""
        return self.arm(profile_id) == next(iter(self.arms))

    def label(self, profile_id: int) -> str:
        """How answers and events name the arm: `row-order:treatment`."""
        return f"{self.name}:{self.arm(profile_id)}"
