"""Plans that the operator offers, and the states of a subscription to one."""

from collections import Counter
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from marquee.contracts.base import Contract
from marquee.contracts.title import Slug, Text

Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]  # ISO 3166-1 alpha-2
Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]  # ISO 4217


class Price(Contract):
    """What a plan costs a month in some countries; without any, in all that have no price of their own."""

    currency: Currency
    amount: int = Field(gt=0, lt=10**9, description="in the currency's smallest unit: cents, or whole yen")
    countries: tuple[Country, ...] = ()


class Plan(Contract):
    """What a subscription gives: the tallest picture, streams at once, profiles. The trial needs no payment.

    A plan that is not `offered` any more stays good for those who have it.
    """

    slug: Slug
    name: Text
    height: int = Field(ge=144, le=4320, description="of the 16:9 box that a picture fills, in lines")
    hdr: bool = False
    streams: int = Field(ge=1, le=100)
    profiles: int = Field(ge=1, le=50)
    trial_days: int = Field(default=0, ge=0, le=365)
    offered: bool = True
    prices: tuple[Price, ...] = ()

    @model_validator(mode="after")
    def _one_price_each(self) -> Self:
        places = Counter(place for price in self.prices for place in price.countries or ("everywhere else",))
        if twice := [place for place, count in places.items() if count > 1]:
            raise ValueError(f"more than one price for {', '.join(twice)}")
        return self

    def price_in(self, country: str) -> Price | None:
        """The price in a country; None where the plan cannot be bought."""
        own = (price for price in self.prices if country in price.countries)
        return next(own, next((price for price in self.prices if not price.countries), None))


class SubscriptionState(StrEnum):
    """As Stripe has them."""

    INCOMPLETE = "incomplete"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    CANCELED = "canceled"
    PAUSED = "paused"
