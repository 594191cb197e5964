"""What a member does with a plan that is paid: begin, change, end it, and change how it is paid.

Before anything is changed the provider is asked how the subscription stands, so that a lost report does no harm.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from marquee.catalogue import accounts, audit, billing, subscriptions
from marquee.catalogue.database import begin
from marquee.catalogue.models import AccountRow, now
from marquee.contracts.billing import ChangePreview, Order, Standing
from marquee.contracts.errors import Conflict, NotFound
from marquee.contracts.members import AuditKind, Caller, Member
from marquee.contracts.plans import Plan, Price, SubscriptionState
from marquee.members import plans
from marquee.members.billing import sync
from marquee.members.billing.provider import provider
from marquee.members.errors import EmailNotVerified
from marquee.settings import settings

PAGE = "/plan"
NONE_YET = {SubscriptionState.CANCELED, SubscriptionState.INCOMPLETE}


def checkout(member: Member, slug: str, caller: Caller) -> str:
    """The address of the page where a plan is paid.

    Raises NotFound for no such plan, EmailNotVerified, Conflict when there is a paid plan already, or no payments are
    taken.
    """
    plan = plans.choice(slug)
    price = _price(plan, caller.country)
    account = _account(member)
    if account.email_verified_at is None:
        raise EmailNotVerified("confirm your e-mail address before you choose a plan")
    customer_id = account.billing_customer or _new_customer(account)
    standing = _standing(customer_id)
    if standing is not None:
        raise Conflict("this account has a paid plan; it can be changed", where="plan", got=standing.plan)
    site = settings().api_url
    return provider().checkout(
        Order(
            account_id=account.id,
            customer_id=customer_id,
            plan=plan.slug,
            name=plan.name,
            price=price,
            trial_ends_at=_running_trial(account.id),
            language=account.language,
            done_url=f"{site}{PAGE}?paid",
            back_url=f"{site}{PAGE}",
        )
    )


def portal(member: Member) -> str:
    """The address of the provider's page with invoices and the way of paying. Raises Conflict without a customer."""
    account = _account(member)
    return provider().portal(_customer(account), f"{settings().api_url}{PAGE}?paid", account.language)


def refresh(member: Member) -> None:
    """Ask the provider how the account stands. Raises Unavailable when it does not answer."""
    if customer_id := _account(member).billing_customer:
        sync.read_now(customer_id)


def preview_change(member: Member, slug: str) -> ChangePreview:
    """What another plan costs now. Raises NotFound, Conflict without a paid plan or for the one there is."""
    standing, plan, price = _change(member, slug)
    return provider().preview_change(standing, plan.slug, plan.name, price)


def change(member: Member, slug: str) -> None:
    """Change to another plan at once. Raises PaymentFailed, and what `preview_change` does."""
    standing, plan, price = _change(member, slug)
    provider().change(standing, plan.slug, plan.name, price)
    sync.read_now(standing.customer_id)


def cancel(member: Member, caller: Caller, *, cancel: bool) -> None:
    """End the paid plan with its period, or with False keep it after all. Raises Conflict without one."""
    standing = _paid(member)
    provider().cancel_at_end(standing, cancel)
    kind = AuditKind.PLAN_CANCELED if cancel else AuditKind.PLAN_KEPT
    with begin() as session:
        audit.write(session, member.account_id, kind, caller, detail=standing.plan)
    sync.read_now(standing.customer_id)


def forget(session: Session, account: AccountRow) -> None:
    """End what a deleted account pays for; what the books need stays. Raises Unavailable: try again later."""
    if account.billing_customer and settings().takes_payments:
        provider().forget(account.billing_customer)
    subscriptions.end(session, account.id)
    billing.part_from_account(session, account.id)


def _change(member: Member, slug: str) -> tuple[Standing, Plan, Price]:
    plan = plans.choice(slug)
    standing = _paid(member)
    if standing.plan == plan.slug:
        raise Conflict("this is the plan there is", where="plan", got=slug)
    same = [price for price in plan.prices if price.currency == standing.currency]
    if not same:
        raise Conflict("this plan has no price in the subscription's currency", where="plan", got=standing.currency)
    return standing, plan, same[0]


def _paid(member: Member) -> Standing:
    standing = _standing(_customer(_account(member)))
    if standing is None:
        raise Conflict("this account has no paid plan", where="plan")
    return standing


def _standing(customer_id: str) -> Standing | None:
    """The subscription that has begun and is not over, as the provider has it now."""
    record = sync.read_now(customer_id)
    standing = record.current() if record else None
    return None if standing is None or standing.state in NONE_YET else standing


def _price(plan: Plan, country: str) -> Price:
    if price := plan.price_in(country):
        return price
    raise NotFound("this plan has no price here", where="plan", got=plan.slug)


def _account(member: Member) -> AccountRow:
    with begin() as session:
        return accounts.get(session, member.account_id)


def customer(account_id: int) -> str:
    """The account's customer at the provider. Raises Conflict without one."""
    with begin() as session:
        return _customer(accounts.get(session, account_id))


def _customer(account: AccountRow) -> str:
    if account.billing_customer is None:
        raise Conflict("this account has paid for nothing yet", where="plan")
    return account.billing_customer


def _new_customer(account: AccountRow) -> str:
    customer_id = provider().create_customer(account.id, account.email or "", account.language)
    with begin() as session:
        billing.set_customer(session, account.id, customer_id)
    return customer_id


def _running_trial(account_id: int) -> datetime | None:
    with begin() as session:
        held = subscriptions.get(session, account_id)
    if held is None or held.state != SubscriptionState.TRIALING or held.ends_at is None:
        return None
    return held.ends_at if held.ends_at > now() else None
