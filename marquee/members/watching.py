"""Watching: reads what the decision needs from the catalogue, and makes a refusal of what it says."""

from datetime import datetime

from sqlalchemy.orm import Session

from marquee.catalogue import accounts, subscriptions, titles
from marquee.catalogue.models import ProfileRow, Title, now
from marquee.catalogue.rows import Ask
from marquee.catalogue.titles import OfferedTitle
from marquee.catalogue.viewers import Viewer
from marquee.contracts.entitlement import (
    Limits,
    Membership,
    Offer,
    Refusal,
    StaffPass,
    Streams,
    Subscription,
    Viewpoint,
)
from marquee.contracts.errors import Forbidden, NotFound, Unauthorised
from marquee.contracts.plans import SubscriptionState
from marquee.contracts.title import Kind
from marquee.logs import log
from marquee.members import entitlement, plans
from marquee.members.errors import EmailNotVerified, NoPlan, NotSuitable, PaymentDue, TooManyStreams

HEARTBEAT_S = 30
ALIVE_S = 2 * HEARTBEAT_S  # a device that is silent for so long has freed its place
PREPARED_S = 60  # a session that was prepared and has not begun is over then


def view_of(profile: ProfileRow, territory: str) -> Viewpoint:
    """From where a profile looks that is in a territory."""
    return entitlement.viewpoint(territory=territory, kids=profile.kids, age_limit=profile.age_limit)


def subscription(session: Session, account_id: int) -> Subscription | None:
    """The account's plan and how it stands. A plan that the operator's file has lost counts as none, and is logged."""
    row = subscriptions.get(session, account_id)
    return None if row is None else _subscription(account_id, row.plan, row.state, row.ends_at)


def _subscription(account_id: int, plan_name: str, state: str, ends_at: datetime | None) -> Subscription | None:
    plan = plans.plans().get(plan_name)
    if plan is None:
        log.error("an account has a plan that is not in the file", plan=plan_name, account_id=account_id)
        return None
    return Subscription(plan, SubscriptionState(state), ends_at)


def membership(session: Session, account_id: int) -> Membership:
    """The account as the decision takes it."""
    account = accounts.get(session, account_id)
    return Membership(account.email_verified_at is not None, subscription(session, account_id))


def seen_title(session: Session, title_id: int, view: Viewpoint, *, trailers: bool = False) -> Title:
    """A title that is seen from there; a trailer only where `trailers` are wanted.

    Raises NotSuitable for one beyond the profile's limit, NotFound for any other that may not be seen.
    """
    title = titles.find(session, title_id)
    refused = Refusal.UNPUBLISHED if title is None else entitlement.refusal(titles.offer(title), view, now())
    if title is not None and refused is None and (trailers or title.kind != Kind.TRAILER):
        return title
    raise _error(refused or Refusal.UNPUBLISHED, str(title_id))


async def offered(ask: Ask, title_id: int) -> OfferedTitle:
    """A title, and what `may_play` is told of it. Raises NotFound where it is not, or has no release."""
    if found := await titles.offered(ask, title_id):
        return found
    raise _error(Refusal.UNPUBLISHED, str(title_id))


def may_play(viewer: Viewer | StaffPass, offer: Offer, title_id: int, territory: str, others: Streams = ()) -> Limits:
    """How a viewer may play a title in a territory, beside the account's other streams. Raises a refusal."""
    if isinstance(viewer, StaffPass):
        answer = entitlement.may_watch(viewer, Viewpoint(territory), offer, (), now())
    else:
        plan = _subscription(viewer.account_id, *viewer.subscription) if viewer.subscription else None
        view = entitlement.viewpoint(territory=territory, kids=viewer.kids, age_limit=viewer.age_limit)
        answer = entitlement.may_watch(Membership(viewer.email_verified, plan), view, offer, others, now())
    if isinstance(answer, Limits):
        return answer
    raise _error(answer, str(title_id))


def refused(session: Session, account_id: int | None, view: Viewpoint, title: Title) -> Refusal | None:
    """Why a title cannot be played from there, whatever else plays; None where it can. No account is a guest."""
    member = None if account_id is None else membership(session, account_id)
    answer = entitlement.may_watch(member, view, titles.offer(title), (), now())
    return answer if isinstance(answer, Refusal) else None


async def named(ask: Ask, others: Streams) -> str:
    """What plays where, in words."""
    names = await titles.names(ask, [stream.title_id for stream in others])
    return "; ".join(f"{stream.device} plays {names.get(stream.title_id, 'a title')}" for stream in others)


def _error(refused: Refusal, title_id: str) -> Forbidden | NotFound | Unauthorised:
    match refused:
        case Refusal.NOT_SIGNED_IN:
            return Unauthorised("this needs a signed-in member", where="Authorization", expected="Bearer")
        case Refusal.MATURITY:
            return NotSuitable("this title is not suitable for this profile", where="title_id", got=title_id)
        case Refusal.EMAIL_NOT_VERIFIED:
            return EmailNotVerified("confirm your e-mail address before you watch")
        case Refusal.NO_PLAN:
            return NoPlan("this account has no plan")
        case Refusal.PAYMENT_DUE:
            return PaymentDue("the payment for this account's plan is due")
        case Refusal.TOO_MANY_STREAMS:
            return TooManyStreams("this account plays on as many devices as its plan allows")
        case _:
            return NotFound("no such title", where="title_id", got=title_id)
