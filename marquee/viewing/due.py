"""What has changed in the lake since the marts were made, so that only that is made anew."""

from collections.abc import Iterable
from datetime import date, timedelta

from marquee import lake
from marquee.contracts.base import Contract
from marquee.contracts.lake import BROWSE, EVENTS

READER = "viewing_marts"


class Due(Contract):
    """The days whose streams changed, and the last shipment that was looked at.

    `anything` is false when there is nothing to do. `whole` asks for marts made from nothing: a viewer was deleted, and
    no copy of an earlier file may outlive that.
    """

    days: tuple[date, ...]
    until: str
    anything: bool
    whole: bool = False


def due() -> Due:
    """What the shipments since the last mark have touched."""
    days: set[str] = set()
    until = start = lake.mark(READER)
    whole = False
    for shipment in lake.shipments(start):
        until, whole = shipment.id, whole or shipment.source == "scrub"
        for table in (EVENTS, BROWSE):
            days |= set(shipment.partitions.get(table.name, ()))
    return Due(days=_sorted(days), until=until, anything=until != start, whole=whole)


def period(first: date, last: date) -> Due:
    """All days from `first` to `last`, whatever was shipped: a backfill. The mark does not move."""
    days = tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
    return Due(days=days, until="", anything=True)


def done(made: Due) -> None:
    """Remember that the marts hold everything up to where `due` looked."""
    if made.until > lake.mark(READER):
        lake.set_mark(READER, made.until)


def _sorted(days: Iterable[str]) -> tuple[date, ...]:
    return tuple(sorted(date.fromisoformat(day) for day in days))
