"""From the event log to the lake."""

from datetime import timedelta

from sqlalchemy import select

from marquee.catalogue import streams
from marquee.catalogue.database import begin
from marquee.catalogue.models import ForgottenProfile, now
from marquee.contracts.shipment import Shipment
from marquee.settings import settings
from marquee.viewing.eventlog.ship import ship as ship_log
from marquee.viewing.pipeline.snapshot import snapshot

OPEN = timedelta(days=30)  # for so long, events of a visit may come


def ship() -> Shipment | None:
    """Move all acknowledged events into the lake, beside a fresh snapshot of the catalogue.

    None when there were no events. Events of viewers who were deleted are dropped, and visits long over are closed.
    """
    snapshot()
    shipment = ship_log(settings().event_log, forgotten=forgotten())
    with begin() as session:
        streams.close_visits(session, now() - OPEN)
    return shipment


def forgotten() -> frozenset[int]:
    """The profiles that were deleted."""
    with begin() as session:
        return frozenset(session.scalars(select(ForgottenProfile.profile_id)))
