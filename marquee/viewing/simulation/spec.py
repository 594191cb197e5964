"""Parameters of a simulation."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from marquee.contracts.errors import InvalidInput
from marquee.contracts.ids import EPOCH_MS

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000


@dataclass(frozen=True)
class DeliveryFaults:
    """What goes wrong between a player and the log, as shares. None of it changes what the viewers did."""

    duplicates: float = 0  # of events come again later, some of the copies garbled
    late: float = 0  # of events are received up to three days late
    reordered: bool = False  # events lie in the files in any order
    skewed: float = 0  # of viewers have a clock that is wrong, by up to two years


USUAL_FAULTS = DeliveryFaults(duplicates=0.05, late=0.03, reordered=True, skewed=0.1)


@dataclass(frozen=True)
class Spec:
    """A world and how long it is watched. The same spec (and titles) gives the same bytes, always.

    `titles` and `premieres` count where no catalogue is given: how many there are, and which share of them appears
    during the period. Raises InvalidInput when the numbers make no world.
    """

    viewers: int
    start: date  # the first day, UTC
    days: int = 28
    seed: int = 1
    titles: int = 120
    premieres: float = 0.2
    kids: float = 0.12  # share of the profiles
    visits: float = 0.6  # per viewer and day, on average over viewers
    experiment: str = "row-order"  # whose arms the visits carry; empty for none
    edge_days: int = 1  # at the end, of which the edges' logs are there too: a row for every piece that was played
    faults: DeliveryFaults = field(default_factory=DeliveryFaults)

    def __post_init__(self) -> None:
        whole = {"viewers": self.viewers, "days": self.days, "titles": self.titles}
        for name, value in whole.items():
            if value < 1:
                raise InvalidInput("cannot be simulated", where=name, expected="1 or more", got=str(value))
        for name, share in (("premieres", self.premieres), ("kids", self.kids)):
            if not 0 <= share <= 1:
                raise InvalidInput("not a share", where=name, expected="0 to 1", got=str(share))
        if not 0 <= self.seed < 1 << 31:
            raise InvalidInput("not a seed", where="seed", expected="0 to 2147483647", got=str(self.seed))
        if self.start_ms < EPOCH_MS + 30 * DAY_MS:
            raise InvalidInput("too early for ids", where="start", expected="2020-02 or later", got=str(self.start))

    @property
    def start_ms(self) -> int:
        """Unix ms of the first midnight."""
        return int(datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC).timestamp() * 1000)

    @property
    def end_ms(self) -> int:
        """Unix ms of the midnight after the last day."""
        return self.start_ms + self.days * DAY_MS

    @property
    def edges_from_ms(self) -> int:
        """Unix ms of the midnight from which on edges log."""
        return self.end_ms - self.edge_days * DAY_MS

    @property
    def source(self) -> str:
        """By this the lake knows the simulated world: one per seed."""
        return f"simulated-{self.seed}"

    def digest(self, titles: object = None) -> str:
        """Differs with anything that changes what is simulated."""
        return hashlib.sha256(repr((self, titles)).encode()).hexdigest()[:16]
