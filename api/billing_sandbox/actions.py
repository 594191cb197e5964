"""What the driver does to a customer: time, cards, and every transition of a subscription."""

from collections.abc import Callable

from api.billing_sandbox import cards, changes, clock, endings, paying, refunds, renewals
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.invoices import DRAFT_S
from api.billing_sandbox.periods import DAY_S
from api.billing_sandbox.standing import ENDED
from api.billing_sandbox.store import Doc
from api.billing_sandbox.subscriptions import item_of
from api.billing_sandbox.work import Work

MOST_DAYS = 400


def act(work: Work, customer_id: str, name: str, value: str = "") -> None:
    """Do one of ACTIONS for a customer. Raises Refused where it cannot be done as things stand."""
    work.enter(customer_id, "id")
    if name not in ACTIONS:
        raise Refused(f"There is no {name!r} here.", status=404)
    ACTIONS[name](work, value)


def current(work: Work) -> Doc:
    """The subscription that the driver means: the latest that has not ended. Raises Refused."""
    alive = [each for each in work.all("subscription") if each["status"] not in ENDED]
    if not alive:
        raise Refused("There is no subscription that has not ended.")
    return alive[-1]


def _days(work: Work, value: str) -> None:
    if not value.isdecimal() or not 1 <= int(value) <= MOST_DAYS:
        raise Refused(f"Between 1 and {MOST_DAYS} days.")
    clock.advance(work, work.now + int(value) * DAY_S)


def _next(work: Work, _: str) -> None:
    at = clock.next_due(work)
    if at is None:
        raise Refused("Nothing is due.")
    clock.advance(work, at)


def _card(work: Work, value: str) -> None:
    if value and value not in cards.KINDS:
        raise Refused("There is no such card.")
    card = cards.new(work, value) if value else None
    if card:
        cards.use(card)
    cards.make_default(work, card)


def _renew(work: Work, _: str) -> None:
    clock.advance(work, item_of(current(work))["current_period_end"] + DRAFT_S)


def _retry(work: Work, _: str) -> None:
    at = _next_attempt(work)
    if at is None:
        raise Refused("No payment is to be tried again.")
    clock.advance(work, at)


def _next_attempt(work: Work) -> int | None:
    waiting = [each["next_payment_attempt"] for each in work.all("invoice", status="open")]
    return min((at for at in waiting if at), default=None)


def _fail_all(work: Work, _: str) -> None:
    """Have every retry fail, with a card that is declined."""
    _card(work, "declines")
    while (at := _next_attempt(work)) is not None:
        clock.advance(work, at)


def _end_trial(work: Work, _: str) -> None:
    if (subscription := current(work))["status"] != "trialing":
        raise Refused("There is no trial.")
    clock.advance(work, subscription["trial_end"] + DRAFT_S)


def _pause(work: Work, _: str) -> None:
    """Let the trial end with no card, and pause for that."""
    if (subscription := current(work))["status"] != "trialing":
        raise Refused("Only a trial that ends without a card pauses a subscription.")
    cards.make_default(work, None)
    with work.changing(subscription):
        subscription["trial_settings"]["end_behavior"]["missing_payment_method"] = "pause"
    clock.advance(work, subscription["trial_end"])


def _resume(work: Work, _: str) -> None:
    renewals.resume(work, current(work)["id"], {})


def _cancel(work: Work, _: str) -> None:
    endings.cancel(work, current(work)["id"], {})


def _cancel_at_end(work: Work, value: str) -> None:
    subscription = current(work)
    with work.changing(subscription):
        changes.set_cancel(work, subscription, value == "yes")


def _refund(work: Work, _: str) -> None:
    paid = [each for each in work.all("charge", paid=True) if not each["refunded"]]
    if not paid:
        raise Refused("There is no payment to give back.")
    refunds.create(work, {"charge": paid[-1]["id"]})


def _confirm(work: Work, value: str) -> None:
    """The bank's answer to a payment that waits for it."""
    waiting = work.all("payment_intent", status="requires_action")
    invoices = [
        each for each in work.all("invoice", status="open") if each.get("_intent") in {i["id"] for i in waiting}
    ]
    if not invoices:
        raise Refused("No payment waits for the bank.")
    paying.confirm_invoice(work, invoices[-1], value == "yes")


def _plan(work: Work, value: str) -> None:
    """Change the plan; what is owed for the rest of the period is invoiced at once."""
    subscription = current(work)
    items = [{"id": item_of(subscription)["id"], "price": value}]
    changes.update(work, subscription["id"], {"items": items, "proration_behavior": "always_invoice"})


ACTIONS: dict[str, Callable[[Work, str], None]] = {
    "days": _days,
    "next": _next,
    "card": _card,
    "renew": _renew,
    "retry": _retry,
    "fail-all": _fail_all,
    "end-trial": _end_trial,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
    "cancel-at-end": _cancel_at_end,
    "refund": _refund,
    "confirm": _confirm,
    "plan": _plan,
}
