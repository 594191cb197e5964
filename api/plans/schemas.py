"""Schemas of plans and subscriptions."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from marquee.contracts.plans import Plan, SubscriptionState
from marquee.contracts.title import Slug


class PlanList(BaseModel):
    """What is offered, in the operator's order."""

    items: list[Plan]


class Subscription(BaseModel):
    """The account's plan and how it stands; both null before the first. `ends_at` is the end of a trial.

    `playable` says whether it lets anything be played now.
    """

    plan: Plan | None
    state: SubscriptionState | None
    ends_at: datetime | None
    playable: bool


class Trial(BaseModel):
    """A plan to be tried, by its slug."""

    model_config = ConfigDict(extra="forbid")
    plan: Slug
