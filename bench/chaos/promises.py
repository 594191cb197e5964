"""What has to hold after all of it: compares what was acknowledged when with what is there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from bench.chaos.plan import Loss
from bench.chaos.writers import Ack
from marquee.settings import Settings
from marquee.settings.regions import Region


@dataclass(frozen=True)
class Outage:
    """Of writes, by one loss: until another region took them (RTO), and how much was lost (RPO), both in s."""

    rto_s: float
    rpo_s: float
    lost: int


def outages(losses: Sequence[Loss], acknowledged: Sequence[Ack], kept: set[tuple[str, int]]) -> list[Outage]:
    """By loss, from a writer that goes to whichever region takes writes.

    RPO is from the first change that was acknowledged and is gone to the loss; 0 where none is gone.
    """
    found = []
    for loss in losses:
        after = [at for _, _, at in acknowledged if at > loss.at + 1.0]
        near = (ack for ack in acknowledged if loss.at - 60 < ack[2] < loss.opened_at)
        gone = [at for name, number, at in near if (name, number) not in kept]
        rto = min(at for at in after if at > loss.at) - loss.at if after else float("inf")
        found.append(Outage(rto, max(0.0, loss.at - min(gone)) if gone else 0.0, len(gone)))
    return found


def two_writers(losses: Sequence[Loss], within: Iterable[Ack]) -> list[Ack]:
    """Writes that a lost region acknowledged within itself after another one had begun to: there may be none."""
    by_region: dict[str, list[Ack]] = {}
    for ack in within:
        by_region.setdefault(ack[0].removeprefix("in-"), []).append(ack)
    wrong = []
    for loss in losses:
        begun = min((at for _, _, at in by_region.get(loss.taken, []) if at > loss.at), default=loss.opened_at)
        again = next((other.at for other in losses if other.at > loss.at and other.taken == loss.lost), float("inf"))
        wrong += [ack for ack in by_region.get(loss.lost, []) if begun < ack[2] < again]
    return wrong


def rows_of(region: Region, statement: str, database: str = "marquee") -> set[Any]:
    """All rows of a statement in one region."""
    with psycopg.connect(f"{region.database}/{database}", connect_timeout=5) as connection:
        return set(connection.execute(statement.encode()).fetchall())


def differing(s: Settings, statement: str) -> list[str]:
    """The regions whose rows are not those of the first."""
    first = next(iter(s.regions.values()))
    expected = rows_of(first, statement)
    return [name for name, region in list(s.regions.items())[1:] if rows_of(region, statement) != expected]
