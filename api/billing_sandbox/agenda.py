"""What the documents of a customer wait for, and when."""

from collections.abc import Callable, Iterator

from api.billing_sandbox import checkout, collection, invoices, renewals
from api.billing_sandbox.periods import DAY_S
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work

Entry = tuple[int, int, str, str]  # when, the order among those of one second, what, the document's id
TRIAL_NOTICE_S = 3 * DAY_S  # docs.stripe.com/billing/subscriptions/trials: three days before the end
INCOMPLETE_S = 23 * 3600  # docs.stripe.com/billing/subscriptions/overview: then incomplete becomes incomplete_expired

ACTIONS: dict[str, Callable[[Work, Doc], None]] = {
    "finalise": collection.finalise_due,
    "collect": collection.retry,
    "void": invoices.void,
    "expire session": checkout.expire_due,
    "tell of the trial's end": renewals.tell_of_trial_end,
    "end trial": renewals.end_trial,
    "give up": renewals.give_up_incomplete,
    "renew": renewals.renew,
}
ORDER = {name: number for number, name in enumerate(ACTIONS)}


def entries(work: Work) -> list[Entry]:
    """All that is waited for."""
    found = [(at, ORDER[what], what, doc["id"]) for doc in work.all("subscription") for at, what in _subscription(doc)]
    found += [(at, ORDER[what], what, doc["id"]) for doc in work.all("invoice") for at, what in _invoice(doc)]
    open_sessions = work.all("checkout.session", status="open")
    return found + [(doc["expires_at"], ORDER["expire session"], "expire session", doc["id"]) for doc in open_sessions]


def carry_out(work: Work, what: str, id_: str) -> None:
    """Do one of the entries; it is its time."""
    doc = work.find(id_)
    assert doc is not None  # noqa: S101 - it was just listed
    ACTIONS[what](work, doc)


def _subscription(doc: Doc) -> Iterator[tuple[int, str]]:
    if doc["status"] == "trialing":
        if not doc.get("_told_of_trial_end"):
            yield doc["trial_end"] - TRIAL_NOTICE_S, "tell of the trial's end"
        yield doc["trial_end"], "end trial"
    elif doc["status"] == "incomplete":
        yield doc["created"] + INCOMPLETE_S, "give up"
    elif doc["status"] in {"active", "past_due", "unpaid"}:
        yield doc["items"]["data"][0]["current_period_end"], "renew"


def _invoice(doc: Doc) -> Iterator[tuple[int, str]]:
    if doc["status"] == "draft" and doc["automatically_finalizes_at"]:
        yield doc["automatically_finalizes_at"], "finalise"
    elif doc["status"] == "open":
        if doc["next_payment_attempt"]:
            yield doc["next_payment_attempt"], "collect"
        if doc.get("_void_at"):
            yield doc["_void_at"], "void"
