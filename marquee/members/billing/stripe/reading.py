"""Reads Stripe's objects as what the platform keeps of them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from marquee.contracts.billing import CustomerRecord, Invoice, Payment, PaymentStatus, Standing, Tax
from marquee.contracts.plans import SubscriptionState
from marquee.logs import log
from marquee.members.billing.stripe import prices
from marquee.members.billing.stripe.client import NO_SUCH, client, moment, named

if TYPE_CHECKING:
    from stripe import Charge, Subscription
    from stripe import Invoice as StripeInvoice
    from stripe._stripe_object import UntypedStripeObject

ACCOUNT = "account_id"  # in the metadata of customers and subscriptions
PAGE = 100
STATES = {"incomplete_expired": SubscriptionState.CANCELED}  # to us both are over


def record(customer_id: str) -> CustomerRecord | None:
    """All about a customer; None for one that is not there."""
    import stripe

    try:
        customer = client().v1.customers.retrieve(customer_id)
    except stripe.InvalidRequestError as error:
        if error.code == NO_SUCH:
            return None
        raise
    known = not getattr(customer, "deleted", False)  # of a deleted one only its past is left
    standings = tuple(_standings(customer_id))
    invoices, of_intent = _invoices(customer_id)
    return CustomerRecord(
        customer_id=customer_id,
        account_id=_account(customer.metadata) if known else next((each.account_id for each in standings), 0),
        email=(customer.email or "") if known else "",
        standings=standings,
        invoices=tuple(invoices),
        payments=tuple(_payments(customer_id, of_intent)),
    )


def _standings(customer_id: str) -> Iterator[Standing]:
    wanted = client().v1.subscriptions.list({"customer": customer_id, "status": "all", "limit": PAGE})
    return (standing(each) for each in wanted.auto_paging_iter())


def standing(subscription: "Subscription") -> Standing:
    """How a subscription stands. A payment that is paused by hand, or a state that is new, is logged."""
    item = subscription["items"].data[0]
    ends = item.current_period_end
    return Standing(
        account_id=_account(subscription.metadata),
        customer_id=_id(subscription.customer),
        subscription_id=subscription.id,
        plan=prices.plan_of(item.price),
        state=_state(subscription.status),
        currency=subscription.currency.upper(),
        amount=item.price.unit_amount or 0,
        trial_ends_at=moment(subscription.trial_end),
        renews_at=moment(ends),
        cancels_at=moment(subscription.cancel_at or (ends if subscription.cancel_at_period_end else None)),
    )


def _account(metadata: "UntypedStripeObject[str] | None") -> int:
    account_id = named(metadata, ACCOUNT)
    return int(account_id) if account_id.isdecimal() else 0


def _state(status: str) -> SubscriptionState:
    try:
        return STATES.get(status) or SubscriptionState(status)
    except ValueError:
        log.error("the payment provider has a state that is not known here", state=status)
        return SubscriptionState.INCOMPLETE


def _invoices(customer_id: str) -> tuple[list[Invoice], dict[str, str]]:
    """The invoices, and which of them each payment intent pays."""
    wanted: Any = {"customer": customer_id, "limit": PAGE, "expand": ["data.payments"]}
    found, of_intent = [], {}
    for each in client().v1.invoices.list(wanted).auto_paging_iter():
        found.append(_invoice(each))
        for payment in each.payments.data if each.payments else ():
            if payment.payment.payment_intent:
                of_intent[_id(payment.payment.payment_intent)] = each.id
    return found, of_intent


def _invoice(invoice: "StripeInvoice") -> Invoice:
    start, end, plan = _period(invoice)
    discounts = sum(each.amount for each in invoice.total_discount_amounts or ())
    return Invoice(
        invoice_id=invoice.id,
        number=invoice.number or "",
        state=invoice.status or "draft",
        plan=plan,
        currency=invoice.currency.upper(),
        subtotal=invoice.subtotal,
        discount=discounts,
        total=invoice.total,
        taxes=tuple(_taxes(invoice)),
        period_start=start,
        period_end=end,
        created_at=_at(invoice.created),
        retry_at=moment(invoice.next_payment_attempt),
    )


def _period(invoice: "StripeInvoice") -> tuple[datetime, datetime, str]:
    """The period and plan of the line that ends last: an invoice may hold prorations of another plan beside it."""
    lines = invoice.lines.data
    if not lines:
        return _at(invoice.period_start), _at(invoice.period_end), ""
    last = max(lines, key=lambda line: (line.period.end, line.amount))
    price = last.pricing.price_details.price if last.pricing and last.pricing.price_details else ""
    return _at(last.period.start), _at(last.period.end), prices.plan_of_id(_id(price)) if price else ""


def _taxes(invoice: "StripeInvoice") -> Iterator[Tax]:
    for line in invoice.total_taxes or ():
        if line.tax_rate_details:
            rate = prices.tax_rate(line.tax_rate_details.tax_rate)
            yield Tax(rate.display_name, f"{rate.percentage:g}", line.amount, line.tax_behavior == "inclusive")


def _payments(customer_id: str, of_intent: dict[str, str]) -> Iterator[Payment]:
    for charge in client().v1.charges.list({"customer": customer_id, "limit": PAGE}).auto_paging_iter():
        invoice_id = of_intent.get(_id(charge.payment_intent) if charge.payment_intent else "")
        if invoice_id and charge.status != "pending":
            yield _payment(charge, invoice_id)


def _payment(charge: "Charge", invoice_id: str) -> Payment:
    failed = charge.status == "failed"
    status = PaymentStatus.FAILED if failed else PaymentStatus.REFUNDED if charge.refunded else PaymentStatus.PAID
    kept = charge.amount if status is not PaymentStatus.PAID else charge.amount - charge.amount_refunded
    return Payment(charge.id, invoice_id, charge.currency.upper(), kept, status, _at(charge.created))


def _id(thing: object) -> str:
    """The id of what Stripe gives as an id, or expanded."""
    return thing if isinstance(thing, str) else str(getattr(thing, "id", ""))


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
