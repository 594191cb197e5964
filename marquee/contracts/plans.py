"""Plans that the operator offers, and the states of a subscription to one."""

from enum import StrEnum

from pydantic import Field

from marquee.contracts.base import Contract
from marquee.contracts.title import Slug, Text


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


class SubscriptionState(StrEnum):
    """As Stripe has them."""

    INCOMPLETE = "incomplete"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    CANCELED = "canceled"
    PAUSED = "paused"
