"""Reads again what the provider says of customers, and keeps it. One process reads a customer at a time."""

import contextlib
from datetime import timedelta

from sqlalchemy.orm import Session

from marquee.catalogue import accounts, audit, billing, mails, subscriptions
from marquee.catalogue.database import begin
from marquee.catalogue.models import AccountRow, BillingNotice, SubscriptionRow
from marquee.contracts.billing import CustomerRecord, Standing
from marquee.contracts.errors import MarqueeError
from marquee.contracts.members import AuditKind
from marquee.contracts.plans import SubscriptionState
from marquee.logs import log
from marquee.members.billing import transitions
from marquee.members.billing.provider import provider

BATCH = 20
LEASE = timedelta(minutes=2)  # longer than reading takes: each of its requests ends after 10 s
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(hours=1)


def reported(body: bytes, signature: str) -> None:
    """Take a provider's report: its customer will be read again. Raises ForgedReport."""
    customer_id = provider().reported_customer(body, signature)
    if customer_id is not None:
        note(customer_id)


def note(customer_id: str) -> None:
    """Have a customer read again soon."""
    with begin() as session:
        billing.note(session, customer_id)


def read_now(customer_id: str) -> CustomerRecord | None:
    """Read a customer again at once; what does not succeed is tried again later.

    None for a customer that the provider does not know. Raises Unavailable.
    """
    note(customer_id)
    with begin() as session:
        notices = billing.take(session, 1, LEASE, customer_id)
    return _read(notices[0]) if notices else _read_beside(customer_id)


def _read_beside(customer_id: str) -> CustomerRecord | None:
    """While another process reads. Should its older record be kept last, the note makes it read once more."""
    record = provider().record(customer_id)
    if record:
        keep(record)
    return record


def read_due() -> int:
    """Read the customers that were noted; how many there were."""
    with begin() as session:
        notices = billing.take(session, BATCH, LEASE)
    for notice in notices:
        with contextlib.suppress(MarqueeError):  # logged where it was raised, and put off
            _read(notice)
    return len(notices)


def _read(notice: BillingNotice) -> CustomerRecord | None:
    try:
        record = provider().record(notice.customer_id)
    except MarqueeError:
        with begin() as session:
            billing.put_off(session, notice, min(FIRST_PAUSE * 2 ** min(notice.tries, 20), LONGEST_PAUSE))
        raise
    if record:
        _correct_email(record, keep(record))
    with begin() as session:
        billing.done(session, notice)
    return record


def _correct_email(record: CustomerRecord, email: str | None) -> None:
    """The account's address is the one that holds; a customer without any was deleted."""
    if email and record.email and email != record.email:
        provider().correct_email(record.customer_id, email)


def keep(record: CustomerRecord) -> str | None:
    """Keep what the provider says of one of our customers; the address of its account, if it has one."""
    with begin() as session:
        account = accounts.by_billing_customer(session, record.account_id, record.customer_id)
        if account is None:
            log.warning("no account has this customer of the payment provider", customer=record.customer_id)
            return None
        _keep_books(session, account, record)
        if standing := record.current():
            _keep_standing(session, account, record, standing)
        return account.email


def _keep_books(session: Session, account: AccountRow, record: CustomerRecord) -> None:
    for invoice in record.invoices:
        billing.put_invoice(session, account.id, invoice)
    for payment in record.payments:
        paid = record.invoice(payment.invoice_id)
        if paid is not None:
            billing.put_payment(session, account.id, account.origin, payment, paid)


def _keep_standing(session: Session, account: AccountRow, record: CustomerRecord, standing: Standing) -> None:
    name = provider().name
    held = subscriptions.get(session, account.id)
    if not standing.plan or not _counts(held, standing, name):
        return
    retries = [each.retry_at for each in record.invoices if each.state == "open" and each.retry_at]
    plan, state = subscriptions.put(
        session,
        account.id,
        plan=standing.plan,
        state=standing.state,
        provider=name,
        provider_id=standing.subscription_id,
        currency=standing.currency,
        amount=standing.amount,
        renews_at=standing.renews_at,
        cancels_at=standing.cancels_at,
        retry_at=max(retries, default=None),
        ends_at=standing.trial_ends_at if standing.state is SubscriptionState.TRIALING else None,
    )
    if (plan, state) != (standing.plan, standing.state):
        _tell(session, account, standing, state)


def _counts(held: SubscriptionRow | None, standing: Standing, name: str) -> bool:
    """One that is over, or waits for its first payment, does not end what staff gave, nor a trial."""
    nothing = {SubscriptionState.CANCELED, SubscriptionState.INCOMPLETE}
    return held is None or held.provider == name or standing.state not in nothing


def _tell(session: Session, account: AccountRow, standing: Standing, was: SubscriptionState | None) -> None:
    if not transitions.possible(was, standing.state):
        log.warning("a subscription changed in no known way", was=was, state=standing.state, account_id=account.id)
    detail = f"{standing.plan}, {standing.state}"
    audit.write(session, account.id, AuditKind.PLAN_CHANGED, actor=provider().name, detail=detail)
    kind = transitions.message(was, standing.state)
    if kind and account.email:
        mails.put(session, kind, account.email, account_id=account.id, language=account.language, plan=standing.plan)
