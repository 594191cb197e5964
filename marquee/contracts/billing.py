"""What a payment provider says of a customer, in the platform's words. Amounts are in a currency's smallest unit."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from marquee.contracts.plans import Price, SubscriptionState


class PaymentStatus(StrEnum):
    """What became of a payment; as in the lake's `payments`."""

    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a customer's subscription stands at the provider.

    `renews_at` is the end of the paid period, `cancels_at` when it ends for good, `retry_at` when a payment that failed
    is tried again. `plan` is a plan's slug.
    """

    account_id: int
    customer_id: str
    subscription_id: str
    plan: str
    state: SubscriptionState
    currency: str
    amount: int
    trial_ends_at: datetime | None
    renews_at: datetime | None
    cancels_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tax:
    """A line of tax, as the provider states it; `percentage` as text, "19.0"."""

    name: str
    percentage: str
    amount: int
    inclusive: bool


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice for a plan; `state` is draft, open, paid, uncollectible or void."""

    invoice_id: str
    number: str
    state: str
    plan: str
    currency: str
    subtotal: int
    discount: int
    total: int
    taxes: tuple[Tax, ...]
    period_start: datetime
    period_end: datetime
    created_at: datetime
    retry_at: datetime | None


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt at paying; `amount` is what was kept of it after refunds, or what could not be had."""

    payment_id: str
    invoice_id: str
    currency: str
    amount: int
    status: PaymentStatus
    at: datetime


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """All that the provider says of a customer at one moment, the newest first. `account_id` is 0 if it is not ours."""

    customer_id: str
    account_id: int
    email: str
    standings: tuple[Standing, ...]
    invoices: tuple[Invoice, ...]
    payments: tuple[Payment, ...]

    def current(self) -> Standing | None:
        """The subscription that counts: one that has begun and is not over, else one that waits for its first payment,
        else the last there was."""
        ranks = {SubscriptionState.INCOMPLETE: 1, SubscriptionState.CANCELED: 2}
        return min(self.standings, key=lambda each: ranks.get(each.state, 0), default=None)

    def invoice(self, invoice_id: str) -> Invoice | None:
        """An invoice by its id."""
        return next((each for each in self.invoices if each.invoice_id == invoice_id), None)


@dataclass(frozen=True, slots=True)
class Order:
    """What a customer wants to subscribe to. `trial_ends_at` is that of a trial which goes on until then."""

    account_id: int
    customer_id: str
    plan: str
    name: str
    price: Price
    trial_ends_at: datetime | None
    language: str
    done_url: str
    back_url: str


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What a change of plan costs now; negative what is credited to later invoices."""

    currency: str
    amount: int
