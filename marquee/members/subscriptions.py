"""Subscriptions: a trial begun, a plan given by staff."""

from datetime import timedelta

from marquee.catalogue import accounts, audit
from marquee.catalogue import subscriptions as rows
from marquee.catalogue.database import begin
from marquee.catalogue.models import now
from marquee.contracts.entitlement import Subscription
from marquee.contracts.errors import Conflict, InvalidInput
from marquee.contracts.members import AuditKind, Caller, Member
from marquee.contracts.plans import SubscriptionState
from marquee.members import plans, watching
from marquee.members.errors import EmailNotVerified

STAFF = "staff"


def held(member: Member) -> Subscription | None:
    """The account's plan and how it stands; None before the first."""
    with begin() as session:
        return watching.subscription(session, member.account_id)


def begin_trial(member: Member, slug: str, caller: Caller) -> Subscription | None:
    """Try a plan.

    Raises NotFound for no such plan, InvalidInput for one without a trial, EmailNotVerified, Conflict when the account
    has or had a plan.
    """
    plan = plans.choice(slug)
    if not plan.trial_days:
        raise InvalidInput("this plan has no trial", where="plan", got=slug)
    ends_at = now() + timedelta(days=plan.trial_days)
    with begin() as session:
        if accounts.get(session, member.account_id).email_verified_at is None:
            raise EmailNotVerified("confirm your e-mail address before you choose a plan")
        if not rows.begin_trial(session, member.account_id, slug, ends_at):
            raise Conflict("this account has had a plan before", where="plan")
        audit.write(session, member.account_id, AuditKind.PLAN_CHANGED, caller, detail=f"{slug}, trial")
    return held(member)


def give(account_id: int, slug: str, state: SubscriptionState, *, by: str) -> None:
    """Give an account a plan in some state, as staff does. Raises NotFound for no such plan."""
    plan = plans.plan(slug)
    with begin() as session:
        rows.put(session, account_id, plan=plan.slug, state=state, provider=STAFF)
        audit.write(session, account_id, AuditKind.PLAN_CHANGED, actor=by, detail=f"{slug}, {state}")
