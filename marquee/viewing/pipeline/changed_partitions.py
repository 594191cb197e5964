"""Finds the partitions of the lake that changed since the marts were built."""

from collections.abc import Iterable
from datetime import date, timedelta

from marquee.contracts.base import Contract
from marquee.contracts.lake import STREAMED
from marquee.viewing import lake

READER = "viewing_marts"


class Due(Contract):
    """The days whose streams changed, and the ids of the shipments that say so.

    `anything` is false when there is nothing to do. `whole` asks for marts made from nothing: a viewer was deleted, and
    no copy of an earlier file may outlive that.
    """

    days: tuple[date, ...]
    shipments: tuple[str, ...] = ()
    anything: bool
    whole: bool = False


def due() -> Due:
    """What the shipments that the marts do not hold yet have touched."""
    waiting = list(lake.shipments(but=lake.dealt(READER)))
    touched = (shipment.partitions.get(table.name, ()) for shipment in waiting for table in STREAMED)
    return Due(
        days=_sorted({day for days in touched for day in days}),
        shipments=tuple(shipment.id for shipment in waiting),
        anything=bool(waiting),
        whole=any(shipment.source == "scrub" for shipment in waiting),
    )


def period(first: date, last: date) -> Due:
    """All days from `first` to `last`, whatever was shipped: a backfill. What is due otherwise stays due."""
    days = tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
    return Due(days=days, anything=True)


def done(made: Due) -> None:
    """Remember that the marts hold what `due` found."""
    lake.set_dealt(READER, made.shipments)


def _sorted(days: Iterable[str]) -> tuple[date, ...]:
    return tuple(sorted(date.fromisoformat(day) for day in days))
