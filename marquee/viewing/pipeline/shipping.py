"""Ships the event log to the lake."""

from datetime import timedelta

from marquee.catalogue import profiles, visits
from marquee.catalogue.database import begin
from marquee.catalogue.models import now
from marquee.contracts.shipment import Shipment
from marquee.settings import settings
from marquee.viewing.eventlog.ship import ship as ship_log
from marquee.viewing.pipeline.snapshot import snapshot

OPEN = timedelta(days=30)  # for so long, events of a visit may come


def ship() -> Shipment | None:
    """Move all acknowledged events into the lake, beside a fresh snapshot of the catalogue.

    None when there were no events. Events of viewers who were deleted are dropped, and visits long over are deleted.
    """
    snapshot()
    shipment = ship_log(settings().event_log, deleted=deleted())
    with begin() as session:
        visits.delete_before(session, now() - OPEN)
    return shipment


def deleted() -> frozenset[int]:
    """The profiles that were deleted."""
    with begin() as session:
        return profiles.deleted(session)
