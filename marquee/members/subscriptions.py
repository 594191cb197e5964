"""Subscriptions: as they stand, a trial begun, a plan given by staff."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from marquee.catalogue import accounts, audit, billing
from marquee.catalogue import subscriptions as rows
from marquee.catalogue.database import begin
from marquee.catalogue.models import InvoiceRow, SubscriptionRow, now
from marquee.contracts.entitlement import Subscription
from marquee.contracts.errors import Conflict, InvalidInput
from marquee.contracts.members import AuditKind, Caller, Member
from marquee.contracts.plans import SubscriptionState
from marquee.members import plans, watching
from marquee.members.errors import EmailNotVerified

STAFF = "staff"


def held(member: Member) -> tuple[Subscription | None, SubscriptionRow | None]:
    """The account's plan and how it stands, and the terms that are kept of it; None before the first."""
    with begin() as session:
        return watching.subscription(session, member.account_id), rows.get(session, member.account_id)


def invoices(member: Member, before: datetime | None, limit: int) -> Sequence[InvoiceRow]:
    """The account's invoices made before some moment, the newest first."""
    with begin() as session:
        return billing.invoices(session, member.account_id, before=before, limit=limit)


def begin_trial(member: Member, slug: str, caller: Caller) -> None:
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


def give(account_id: int, slug: str, state: SubscriptionState, *, by: str) -> None:
    """Give an account a plan in some state, as staff does. Raises NotFound for no such plan."""
    plan = plans.plan(slug)
    with begin() as session:
        rows.put(session, account_id, plan=plan.slug, state=state, provider=STAFF)
        audit.write(session, account_id, AuditKind.PLAN_CHANGED, actor=by, detail=f"{slug}, {state}")
