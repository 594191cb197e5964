"""/v1/plans and /v1/account/subscription."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import Moment
from api.members import CallFrom, PresentMember
from api.openapi import problems
from api.plans import schemas
from api.plans.schemas import ChangeCost, PlanChoice, PlanList, ProviderPage, Subscription
from marquee.catalogue.models import InvoiceRow, SubscriptionRow, now
from marquee.contracts.entitlement import Subscription as Held
from marquee.contracts.plans import Plan
from marquee.members import entitlement, plans, subscriptions
from marquee.members.billing import paying
from marquee.settings import settings

router = APIRouter(prefix="/v1", tags=["plans"])
INVOICES = 24


@router.get("/plans", responses=problems(503))
def list_plans(caller: CallFrom) -> PlanList:
    """The plans that are offered, with their prices where the request comes from."""
    return PlanList(items=[_plan(each, caller.country) for each in plans.offered().values()])


@router.get("/account/subscription", responses=problems(401, 503))
def get_subscription(member: PresentMember, caller: CallFrom) -> Subscription:
    """The plan of the account, and how it stands."""
    return _subscription(*subscriptions.held(member), caller.country)


@router.post("/account/subscription/trial", status_code=201, responses=problems(401, 403, 404, 409, 422, 503))
def begin_trial(member: PresentMember, wanted: PlanChoice, caller: CallFrom) -> Subscription:
    """Try a plan without payment, once for each account."""
    subscriptions.begin_trial(member, wanted.plan, caller)
    return _subscription(*subscriptions.held(member), caller.country)


@router.post("/account/subscription/checkout", responses=problems(401, 403, 404, 409, 422, 503))
def check_out(member: PresentMember, wanted: PlanChoice, caller: CallFrom) -> ProviderPage:
    """A page of the payment provider where a plan is paid; a trial that runs goes on until its end."""
    return ProviderPage(url=paying.checkout(member, wanted.plan, caller))


@router.post("/account/subscription/portal", responses=problems(401, 409, 503))
def open_portal(member: PresentMember) -> ProviderPage:
    """A page of the payment provider with the way of paying and the invoices."""
    return ProviderPage(url=paying.portal(member))


@router.post("/account/subscription/refresh", responses=problems(401, 503))
def refresh_subscription(member: PresentMember, caller: CallFrom) -> Subscription:
    """Ask the payment provider how the plan stands, as after a payment."""
    paying.refresh(member)
    return _subscription(*subscriptions.held(member), caller.country)


@router.get("/account/subscription/change", responses=problems(401, 402, 404, 409, 422, 503))
def get_change_cost(member: PresentMember, wanted: Annotated[PlanChoice, Query()]) -> ChangeCost:
    """What the change to another plan costs now."""
    cost = paying.preview_change(member, wanted.plan)
    return ChangeCost(currency=cost.currency, amount=cost.amount)


@router.post("/account/subscription/change", responses=problems(401, 402, 404, 409, 422, 503))
def change_plan(member: PresentMember, wanted: PlanChoice, caller: CallFrom) -> Subscription:
    """Change to another plan at once; what was paid is taken into account."""
    paying.change(member, wanted.plan)
    return _subscription(*subscriptions.held(member), caller.country)


@router.put("/account/subscription/cancellation", responses=problems(401, 409, 503))
def cancel_plan(member: PresentMember, caller: CallFrom) -> Subscription:
    """End the plan with the period that is paid."""
    paying.cancel(member, caller, cancel=True)
    return _subscription(*subscriptions.held(member), caller.country)


@router.delete("/account/subscription/cancellation", responses=problems(401, 409, 503))
def keep_plan(member: PresentMember, caller: CallFrom) -> Subscription:
    """Keep the plan after all, while it has not ended."""
    paying.cancel(member, caller, cancel=False)
    return _subscription(*subscriptions.held(member), caller.country)


@router.get("/account/invoices", responses=problems(401, 422, 503))
def list_invoices(member: PresentMember, before: Moment | None = None) -> schemas.InvoiceList:
    """The account's invoices, the newest first."""
    rows = subscriptions.invoices(member, before, INVOICES)
    return schemas.InvoiceList(
        items=[_invoice(row) for row in rows], next=rows[-1].created_at if len(rows) == INVOICES else None
    )


def _invoice(row: InvoiceRow) -> schemas.Invoice:
    fields = {name: getattr(row, name) for name in schemas.Invoice.model_fields if name != "taxes"}
    return schemas.Invoice(**fields, taxes=row.taxes["lines"])


def _plan(plan: Plan, country: str) -> schemas.Plan:
    price = plan.price_in(country) if settings().takes_payments else None
    shown = schemas.PlanPrice(currency=price.currency, amount=price.amount) if price else None
    return schemas.Plan(**plan.model_dump(exclude={"prices", "offered"}), price=shown)


def _subscription(held: Held | None, row: SubscriptionRow | None, country: str) -> Subscription:
    price = None
    if row is not None and row.currency is not None and row.amount is not None:
        price = schemas.PlanPrice(currency=row.currency, amount=row.amount)
    return Subscription(
        plan=_plan(held.plan, country) if held else None,
        state=held.state if held else None,
        ends_at=held.ends_at if held else None,
        playable=held is not None and entitlement.unpaid(held, now()) is None,
        paid=row is not None and row.provider_id is not None,
        price=price,
        renews_at=row.renews_at if row else None,
        cancels_at=row.cancels_at if row else None,
        retry_at=row.retry_at if row else None,
    )
