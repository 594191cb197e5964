"""The driver: the page from which customers are brought through every state, and webhooks are held, dropped or sent."""

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Path as PathParameter
from fastapi import Query as QueryParameter

from api.billing_sandbox import actions, outbox, views
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.rendering import OwnForm, page, redirect
from api.billing_sandbox.store import begin, set_switch
from api.billing_sandbox.work import perform

router = APIRouter(include_in_schema=False)
Id = Annotated[str, PathParameter(pattern=r"^\w{1,80}$")]
Chosen = Annotated[str, QueryParameter(pattern=r"^\w{0,80}$")]
AFTER_RETRIES = ("unpaid", "canceled")


@router.get("/")
def show(customer: Chosen = "") -> Response:
    return page("driver.html.j2", error="", **views.driver(customer))


@router.post("/customers/{id_}/{action}")
def act(id_: Id, action: Annotated[str, PathParameter(pattern="^[a-z-]{1,20}$")], form: OwnForm) -> Response:
    """One of the buttons beside a customer."""
    back = form.get("chosen", "")
    try:
        perform(lambda work: actions.act(work, id_, action, form.get("value", "")))
    except Refused as refused:
        return page("driver.html.j2", refused.status, error=str(refused), **views.driver(id_ if back else ""))
    return redirect(f"/?customer={id_}#{id_}" if back else f"/#{id_}")


@router.post("/delivery")
def set_delivery(form: OwnForm) -> Response:
    """The switch: normal, hold or drop."""
    if (mode := form.get("value", "")) in outbox.MODES:
        outbox.set_mode(mode)
    return redirect("/#webhooks")


@router.post("/send-held")
def send_held(form: OwnForm) -> Response:
    """Send what was held."""
    if (order := form.get("value", "")) in outbox.ORDERS:
        outbox.send_held(order)
    return redirect("/#webhooks")


@router.post("/events/{id_}/again")
def send_again(id_: Id, form: OwnForm) -> Response:  # noqa: ARG001 - the form is checked for its origin
    """Send one event once more."""
    outbox.send_again(id_)
    return redirect("/#webhooks")


@router.post("/after-retries")
def set_after_retries(form: OwnForm) -> Response:
    """What becomes of a subscription whose last retry fails."""
    if (state := form.get("value", "")) in AFTER_RETRIES:
        with begin() as connection:
            set_switch(connection, "after_retries", state)
    return redirect("/")
