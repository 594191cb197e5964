"""Schemas of plans, subscriptions and invoices. Amounts are in the currency's smallest unit: cents, or whole yen."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from marquee.contracts.plans import SubscriptionState
from marquee.contracts.title import Slug


class PlanPrice(BaseModel):
    """What a plan costs a month."""

    currency: str
    amount: int


class Plan(BaseModel):
    """What a plan gives. `price` is that of the country the request comes from; null where it cannot be paid."""

    slug: Slug
    name: str
    height: int
    hdr: bool
    streams: int
    profiles: int
    trial_days: int
    price: PlanPrice | None


class PlanList(BaseModel):
    """What is offered, in the operator's order."""

    items: list[Plan]


class Subscription(BaseModel):
    """The account's plan and how it stands; both null before the first. `ends_at` is the end of a trial.

    `playable` says whether it lets anything be played now, `paid` whether it is one that is paid at the provider, where
    it can be changed. `price` is what it costs. `renews_at` is the end of the paid period, `cancels_at` when it ends
    for good, `retry_at` when a payment that failed is tried again.
    """

    plan: Plan | None
    state: SubscriptionState | None
    ends_at: datetime | None
    playable: bool
    paid: bool
    price: PlanPrice | None
    renews_at: datetime | None
    cancels_at: datetime | None
    retry_at: datetime | None


class PlanChoice(BaseModel):
    """A plan, by its slug."""

    model_config = ConfigDict(extra="forbid")
    plan: Slug


class ProviderPage(BaseModel):
    """The payment provider's page to go on to; it is for this member alone, and not for long."""

    url: str


class ChangeCost(BaseModel):
    """What a change of plan costs now; negative what is credited to later invoices."""

    currency: str
    amount: int


class TaxLine(BaseModel):
    """A tax as the provider states it; `inclusive` when the prices hold it."""

    name: str
    percentage: str
    amount: int
    inclusive: bool


class Invoice(BaseModel):
    """An invoice. `state` is draft, open, paid, uncollectible or void."""

    number: str
    state: str
    plan: str
    currency: str
    subtotal: int
    discount: int
    total: int
    taxes: list[TaxLine]
    period_start: datetime
    period_end: datetime
    created_at: datetime


class InvoiceList(BaseModel):
    """Invoices, the newest first. `next` is what `before` has to be for the next page; null on the last."""

    items: list[Invoice]
    next: datetime | None
