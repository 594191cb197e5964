"""The pages that members see: checkout, the bank's confirmation, the portal, an invoice."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Path as PathParameter

from api.billing_sandbox import cards, paying, portal, views
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.rendering import OwnForm, page, redirect
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work, perform

router = APIRouter(include_in_schema=False)
Id = Annotated[str, PathParameter(pattern=r"^\w{1,80}$")]


@router.get("/pay/{id_}")
def show_pay(id_: Id) -> Response:
    return _pay(id_)


@router.post("/pay/{id_}")
def do_pay(id_: Id, form: OwnForm) -> Response:
    """Pay with the card that was chosen."""
    kind, promotion, country = form.get("card", ""), form.get("promotion", ""), form.get("country", "")
    try:
        if kind == "none":
            outcome = perform(lambda work: paying.without_card(work, id_, promotion=promotion))
        elif kind in cards.KINDS:
            outcome = perform(lambda work: paying.pay(work, id_, kind, promotion=promotion, country=country))
        else:
            raise Refused("Choose a card.", param="card")  # noqa: TRY301 - shown like the bank's refusals
    except Refused as refused:
        return _pay(id_, refused, form)
    return redirect(f"/pay/{id_}/confirm") if outcome == "confirm" else _success(id_)


@router.get("/pay/{id_}/confirm")
def show_confirm(id_: Id) -> Response:
    """The bank asks."""
    return _page("confirm.html.j2", lambda: {**views.pay(id_), "action": f"/pay/{id_}/confirm"})


@router.post("/pay/{id_}/confirm")
def do_confirm(id_: Id, form: OwnForm) -> Response:
    try:
        perform(lambda work: paying.confirm(work, id_, form.get("agreed") == "yes"))
    except Refused as refused:
        return _pay(id_, refused)
    return _success(id_)


def _pay(id_: str, refused: Refused | None = None, form: dict[str, str] | None = None) -> Response:
    """The checkout page, with what was refused and what was filled in."""
    try:
        values = views.pay(id_)
    except Refused as error:
        return page("message.html.j2", error.status, title="No such page", text=str(error))
    status = refused.status if refused else 200
    leads_to = values["session"]["success_url"]
    return page("pay.html.j2", status, leads_to, error=str(refused or ""), form=form or {}, **values)


def _success(id_: str) -> Response:
    session = views.pay(id_)["session"]
    return redirect(session["success_url"].replace("{CHECKOUT_SESSION_ID}", id_))


def _page(name: str, values: Callable[[], Doc]) -> Response:
    try:
        found = values()
    except Refused as error:
        return page("message.html.j2", error.status, title="No such page", text=str(error))
    leads_to = (found.get("session") or {}).get("success_url")
    return page(name, 200, leads_to, **found)


@router.get("/portal/{id_}")
def show_portal(id_: Id) -> Response:
    return _page("portal.html.j2", lambda: views.portal(id_))


@router.post("/portal/{id_}/card")
def change_card(id_: Id, form: OwnForm) -> Response:
    """Pay with another card from now on."""
    kind = form.get("card", "")
    if kind not in cards.KINDS:
        return _portal_error(id_, Refused("Choose a card."))
    return _portal_do(id_, lambda work: portal.change_card(work, id_, kind))


@router.post("/portal/{id_}/invoices/{invoice_id}")
def pay_open(id_: Id, invoice_id: Id, form: OwnForm) -> Response:  # noqa: ARG001 - the form is checked for its origin
    """Pay an open invoice."""
    try:
        outcome = perform(lambda work: portal.pay_open(work, id_, invoice_id))
    except Refused as refused:
        return _portal_error(id_, refused)
    return redirect(f"/portal/{id_}/invoices/{invoice_id}/confirm" if outcome != "succeeded" else f"/portal/{id_}")


@router.get("/portal/{id_}/invoices/{invoice_id}/confirm")
def show_confirm_invoice(id_: Id, invoice_id: Id) -> Response:
    """The bank asks about an open invoice."""
    return _page("confirm.html.j2", lambda: {"action": f"/portal/{id_}/invoices/{invoice_id}/confirm"})


@router.post("/portal/{id_}/invoices/{invoice_id}/confirm")
def do_confirm_invoice(id_: Id, invoice_id: Id, form: OwnForm) -> Response:
    agreed = form.get("agreed") == "yes"
    return _portal_do(id_, lambda work: portal.confirm(work, id_, invoice_id, agreed))


@router.post("/portal/{id_}/subscriptions/{subscription_id}")
def cancel(id_: Id, subscription_id: Id, form: OwnForm) -> Response:
    """Cancel at the period's end, or take that back."""
    at_end = form.get("cancel") == "yes"
    return _portal_do(id_, lambda work: portal.cancel(work, id_, subscription_id, at_end))


def _portal_do(id_: str, do: Callable[[Work], object]) -> Response:
    try:
        perform(do)
    except Refused as refused:
        return _portal_error(id_, refused)
    return redirect(f"/portal/{id_}")


def _portal_error(id_: str, refused: Refused) -> Response:
    try:
        values = views.portal(id_)
    except Refused as error:
        return page("message.html.j2", error.status, title="No such page", text=str(error))
    return page("portal.html.j2", refused.status, error=str(refused), **values)


@router.get("/invoice/{id_}")
def show_invoice(id_: Id) -> Response:
    return _page("invoice.html.j2", lambda: views.invoice(id_))
