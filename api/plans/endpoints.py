"""/v1/plans and /v1/account/subscription."""

from fastapi import APIRouter

from api.members import CallFrom, PresentMember
from api.openapi import problems
from api.plans.schemas import PlanList, Subscription, Trial
from marquee.catalogue.models import now
from marquee.contracts.entitlement import Subscription as Held
from marquee.members import entitlement, plans, subscriptions

router = APIRouter(prefix="/v1", tags=["plans"])


@router.get("/plans", responses=problems(503))
def list_plans() -> PlanList:
    """The plans that are offered."""
    return PlanList(items=list(plans.offered().values()))


@router.get("/account/subscription", responses=problems(401, 503))
def get_subscription(member: PresentMember) -> Subscription:
    """The plan of the account, and how it stands."""
    return _shown(subscriptions.held(member))


@router.post("/account/subscription/trial", status_code=201, responses=problems(401, 403, 404, 409, 422, 503))
def begin_trial(member: PresentMember, wanted: Trial, caller: CallFrom) -> Subscription:
    """Try a plan without payment, once for each account."""
    return _shown(subscriptions.begin_trial(member, wanted.plan, caller))


def _shown(held: Held | None) -> Subscription:
    if held is None:
        return Subscription(plan=None, state=None, ends_at=None, playable=False)
    playable = entitlement.unpaid(held, now()) is None
    return Subscription(plan=held.plan, state=held.state, ends_at=held.ends_at, playable=playable)
