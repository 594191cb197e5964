"""Who may watch what: the one decision, without any I/O. Catalogue, rows, title page and playback all ask here.

`refusal` says who may see a title, `may_watch` who may play it. The catalogue's queries filter by the same `Viewpoint`;
that they agree with `refusal` is a test of its own.
"""

from collections.abc import Iterable
from datetime import datetime

from marquee.contracts.entitlement import (
    Limits,
    Membership,
    Offer,
    Refusal,
    StaffPass,
    Streams,
    Subscription,
    Viewpoint,
    Window,
)
from marquee.contracts.plans import SubscriptionState
from marquee.contracts.territories import WORLD

KIDS_AGE = 6  # up to which titles are suitable for a kids profile
PAYMENT_DUE = {SubscriptionState.UNPAID, SubscriptionState.PAUSED, SubscriptionState.INCOMPLETE}
TALLEST = 100_000  # lines: no picture is taller
GOOD = {SubscriptionState.TRIALING, SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE}  # past due: it is retried


def viewpoint(*, territory: str, kids: bool = False, age_limit: int | None = None) -> Viewpoint:
    """From where a profile looks at the catalogue; without limits, from where a guest does."""
    limits = [age for age in (age_limit, KIDS_AGE if kids else None) if age is not None]
    return Viewpoint(territory, min(limits, default=None))


def refusal(offer: Offer, view: Viewpoint, now: datetime) -> Refusal | None:
    """Why a title is not to be seen; None when it is. The first reason that holds, the most lasting first."""
    if offer.withdrawn:
        return Refusal.WITHDRAWN
    if not offer.published:
        return Refusal.UNPUBLISHED
    windows = _windows(offer, view)
    if not windows:
        return Refusal.TERRITORY
    if not open_windows(windows, now):
        return Refusal.WINDOW
    return None if offer.rating in view.ratings else Refusal.MATURITY


def may_watch(
    member: Membership | StaffPass | None, view: Viewpoint, offer: Offer, others: Streams, now: datetime
) -> Limits | Refusal:
    """How a title may be played, or the first reason why not; `others` are the account's other streams."""
    if member is None:
        return Refusal.NOT_SIGNED_IN
    if isinstance(member, StaffPass):
        return _may_preview(member, offer, now)
    if unseen := refusal(offer, view, now):
        return unseen
    if not member.email_verified:
        return Refusal.EMAIL_NOT_VERIFIED
    subscription = member.subscription
    if subscription is None or (due := unpaid(subscription, now)) is Refusal.NO_PLAN:
        return Refusal.NO_PLAN
    if due is not None:
        return due
    plan = subscription.plan
    if len(others) >= plan.streams:
        return Refusal.TOO_MANY_STREAMS
    return Limits(plan.height, plan.hdr, plan.streams, _until(subscription, _windows(offer, view), now))


def _may_preview(staff: StaffPass, offer: Offer, now: datetime) -> Limits | Refusal:
    """Staff may see their one release whole: withdrawn titles and closed windows too, but nothing that is deleted."""
    if offer.deleting:
        return Refusal.WITHDRAWN
    if offer.release_id != staff.release_id:
        return Refusal.UNPUBLISHED
    if staff.until <= now:
        return Refusal.WINDOW
    return Limits(TALLEST, hdr=True, streams=1, until=staff.until)


def unpaid(subscription: Subscription, now: datetime) -> Refusal | None:
    """A trial that has run out is due for payment, whether or not anybody has noted it yet."""
    run_out = subscription.ends_at is not None and subscription.ends_at <= now
    if subscription.state in PAYMENT_DUE or (subscription.state is SubscriptionState.TRIALING and run_out):
        return Refusal.PAYMENT_DUE
    return None if subscription.state in GOOD else Refusal.NO_PLAN


def _until(subscription: Subscription, windows: Iterable[Window], now: datetime) -> datetime | None:
    """When that decision ends by itself: with the last open window, or with the trial."""
    closes = [end for _, end in open_windows(windows, now)]
    last = None if None in closes else max((end for end in closes if end), default=None)
    trial = subscription.ends_at if subscription.state is SubscriptionState.TRIALING else None
    return min((moment for moment in (last, trial) if moment), default=None)


def _windows(offer: Offer, view: Viewpoint) -> list[Window]:
    return [window for place in {WORLD, view.territory} for window in offer.windows.get(place, ())]


def open_windows(windows: Iterable[Window], now: datetime) -> list[Window]:
    """Those that are open: from their start on, and before their end."""
    return [(start, end) for start, end in windows if (start is None or start <= now) and (end is None or end > now)]
