"""Who may see what: the one decision, without any I/O. Catalogue, rows, title page and playback all ask here.

The catalogue's queries filter by the same `Viewpoint`; that they agree with `refusal` is a test of its own.
"""

from collections.abc import Iterable
from datetime import datetime

from marquee.contracts.entitlement import Offer, Refusal, Viewpoint, Window

KIDS_AGE = 6  # up to which titles are suitable for a kids profile
WORLD = "*"


def viewpoint(*, territory: str, kids: bool) -> Viewpoint:
    """From where a profile looks at the catalogue."""
    return Viewpoint(territory, KIDS_AGE if kids else None)


def refusal(offer: Offer, view: Viewpoint, now: datetime) -> Refusal | None:
    """Why a title is not to be seen; None when it is. The first reason that holds, the most lasting first."""
    if offer.withdrawn:
        return Refusal.WITHDRAWN
    if not offer.published:
        return Refusal.UNPUBLISHED
    windows = [window for place in {WORLD, view.territory} for window in offer.windows.get(place, ())]
    if not windows:
        return Refusal.TERRITORY
    if not open_windows(windows, now):
        return Refusal.WINDOW
    return None if offer.rating in view.ratings else Refusal.MATURITY


def open_windows(windows: Iterable[Window], now: datetime) -> list[Window]:
    """Those that are open: from their start on, and before their end."""
    return [(start, end) for start, end in windows if (start is None or start <= now) and (end is None or end > now)]
