"""Changes of a subscription: another plan, cancelled at the period's end or not, other details."""

from api.billing_sandbox import collection, invoices, proration, renewals, wire
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.periods import end_of
from api.billing_sandbox.store import Doc
from api.billing_sandbox.subscriptions import item_of, new_period_line, set_price
from api.billing_sandbox.work import Work

ITEM: wire.Schema = {"id": wire.text, "price": wire.text, "quantity": wire.natural, "deleted": wire.boolean}
PRORATION = wire.one_of("create_prorations", "always_invoice", "none")
UPDATE: wire.Schema = {
    "items": [ITEM],
    "proration_behavior": PRORATION,
    "proration_date": wire.natural,
    "payment_behavior": wire.one_of("allow_incomplete", "error_if_incomplete"),
    "cancel_at_period_end": wire.boolean,
    "cancellation_details": {"comment": wire.text, "feedback": wire.text},
    "default_payment_method": wire.text,
    "description": wire.text,
    "metadata": wire.metadata,
    "trial_end": wire.timestamp_or("now"),
    "trial_settings": {"end_behavior": {"missing_payment_method": wire.one_of("cancel", "create_invoice", "pause")}},
    "automatic_tax": {"enabled": wire.boolean},
}


def update(work: Work, id_: str, params: Doc) -> Doc:
    """As `POST /v1/subscriptions/{id}`. Raises Refused, with nothing changed, for what cannot be."""
    subscription = work.enter_by("subscription", id_)
    if subscription["ended_at"] is not None:
        message = "A canceled subscription can only update its cancellation_details and metadata."
        raise Refused(message, code="subscription_canceled")
    with work.changing(subscription):
        _set(work, subscription, params)
        reset = apply_items(work, subscription, params) if "items" in params else False
    if params.get("trial_end") == "now" and subscription["status"] == "trialing":
        _end_trial(work, subscription)
    elif reset or (params.get("proration_behavior") == "always_invoice" and work.all("invoiceitem", subscription=id_)):
        period = [new_period_line(work, subscription)] if reset else []
        invoice = invoices.draft(work, subscription, period, "subscription_update")
        _collect(work, invoice, params)
    return subscription


def _set(work: Work, subscription: Doc, params: Doc) -> None:
    subscription["metadata"] = wire.merged(subscription["metadata"], params.get("metadata"))
    subscription.update({name: params[name] for name in ("description",) if name in params})
    if card := params.get("default_payment_method"):
        subscription["default_payment_method"] = work.get("payment_method", card, "default_payment_method")["id"]
    if tax := params.get("automatic_tax"):
        enabled = tax.get("enabled", False)
        subscription["automatic_tax"].update(enabled=enabled, liability={"type": "self"} if enabled else None)
    if settings := params.get("trial_settings"):
        subscription["trial_settings"]["end_behavior"].update(settings["end_behavior"])
    if isinstance(end := params.get("trial_end"), int):
        _move_trial_end(work, subscription, end)
    if "cancel_at_period_end" in params:
        subscription["cancellation_details"].update(params.get("cancellation_details") or {})
        set_cancel(work, subscription, params["cancel_at_period_end"])


def set_cancel(work: Work, subscription: Doc, at_end: bool) -> None:
    """Have it end with the period, or not any more."""
    if at_end == subscription["cancel_at_period_end"]:
        return
    end = item_of(subscription)["current_period_end"]
    reason = "cancellation_requested" if at_end else None
    subscription.update(
        cancel_at_period_end=at_end,
        cancel_at=end if at_end else None,
        canceled_at=work.now if at_end else None,
    )
    subscription["cancellation_details"]["reason"] = reason


def _move_trial_end(work: Work, subscription: Doc, end: int) -> None:
    if subscription["status"] != "trialing" or end <= work.now:
        raise Refused("Trials can only be moved while they last, to a time in the future.", param="trial_end")
    subscription.update(trial_end=end, billing_cycle_anchor=end)
    item_of(subscription)["current_period_end"] = end


def _end_trial(work: Work, subscription: Doc) -> None:
    """End a trial now; its first invoice is finalised and collected at once."""
    with work.changing(subscription):
        subscription.update(trial_end=work.now, billing_cycle_anchor=work.now)
        item_of(subscription)["current_period_end"] = work.now
    renewals.end_trial(work, subscription)
    for invoice in work.all("invoice", _subscription=subscription["id"], status="draft"):
        collection.finalise_and_collect(work, invoice)


def apply_items(work: Work, subscription: Doc, params: Doc) -> bool:
    """Put the subscription on another price or quantity; whether a new period has begun, as for another interval."""
    item, wanted = item_of(subscription), _wanted(subscription, params["items"])
    price = work.get("price", wanted["price"], "items[0][price]") if wanted.get("price") else item["price"]
    quantity = wanted["quantity"] if "quantity" in wanted else item["quantity"]
    if not price["active"] or price["currency"] != subscription["currency"]:
        message = f"The price {price['id']} is inactive, or of another currency than {subscription['currency']}."
        raise Refused(message, param="items[0][price]")
    if (price["id"], quantity) == (item["price"]["id"], item["quantity"]):
        return False
    prorates, at = params.get("proration_behavior") != "none", params.get("proration_date")
    if prorates:
        proration.credit_rest(work, subscription, at)
    reset = _put(work, subscription, price, quantity)
    if prorates and not reset:
        proration.charge_rest(work, subscription, at)
    return reset


def _wanted(subscription: Doc, items: list[Doc]) -> Doc:
    """What becomes of the one item. Raises Refused for a second one."""
    item = item_of(subscription)
    kept = [each for each in items if not each.get("deleted")]
    named = [each["id"] for each in items if each.get("id")]
    if len(kept) != 1 or named != [item["id"]]:
        message = "The sandbox keeps one item a subscription: name its id, with the new price."
        raise Refused(message, param="items")
    return kept[0]


def _put(work: Work, subscription: Doc, price: Doc, quantity: int) -> bool:
    item = item_of(subscription)
    same = all(item["price"]["recurring"][name] == price["recurring"][name] for name in ("interval", "interval_count"))
    set_price(item, price)
    item["quantity"] = quantity
    if same or subscription["status"] not in {"active", "past_due"}:
        return False
    subscription["billing_cycle_anchor"] = work.now
    item.update(current_period_start=work.now, current_period_end=end_of(work.now, price["recurring"], work.now))
    return True


def _collect(work: Work, invoice: Doc, params: Doc) -> None:
    outcome = collection.finalise_and_collect(work, invoice)
    if outcome != "succeeded" and params.get("payment_behavior") == "error_if_incomplete":
        raise Refused("Your card was declined.", status=402, type_="card_error", code="card_declined")
