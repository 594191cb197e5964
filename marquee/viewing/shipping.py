"""From the event log to the lake."""

from sqlalchemy import select

from marquee.catalogue.database import begin
from marquee.catalogue.models import ForgottenProfile
from marquee.contracts.shipment import Shipment
from marquee.eventlog.ship import ship as ship_log
from marquee.settings import settings
from marquee.viewing.snapshot import snapshot


def ship() -> Shipment | None:
    """Move all acknowledged events into the lake, beside a fresh snapshot of the catalogue.

    None when there were no events. Events of viewers who were deleted are dropped.
    """
    snapshot()
    return ship_log(settings().event_log, forgotten=forgotten())


def forgotten() -> frozenset[int]:
    """The profiles that were deleted."""
    with begin() as session:
        return frozenset(session.scalars(select(ForgottenProfile.profile_id)))
