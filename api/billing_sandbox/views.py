"""What the pages show, read from the documents."""

from typing import Any

from pydantic_core import from_json

from api.billing_sandbox import cards, clock, fulfilment, taxes
from api.billing_sandbox.errors import missing
from api.billing_sandbox.standing import ENDED
from api.billing_sandbox.store import Doc, begin, rows, switch
from api.billing_sandbox.work import Work

SHOWN_CUSTOMERS, SHOWN_EVENTS = 20, 50


def session(id_: str, kind: str) -> tuple[Work, Doc]:
    """A page's session with what its customer has. Raises Refused. The work is for reading only."""
    with begin() as connection:
        work = Work(connection)
        doc = work.enter_by(kind, id_)
        _load_catalogue(work)
        return work, doc


def _load_catalogue(work: Work) -> None:
    for subscription in work.all("subscription"):
        work.find(subscription["items"]["data"][0]["price"]["product"])
    for invoice in work.all("invoice"):
        for tax in invoice["total_taxes"]:
            work.find(tax["tax_rate_details"]["tax_rate"])
    for sold in work.all("checkout.session"):
        work.find(work.get("price", sold["_price"])["product"])


def pay(id_: str) -> Doc:
    """What the checkout page shows."""
    work, doc = session(id_, "checkout.session")
    price = work.get("price", doc["_price"])
    begun = work.find(doc["_subscription"]) if doc.get("_subscription") else None
    return {
        "session": doc,
        "price": price,
        "product": work.get("product", price["product"]),
        "trial_end": fulfilment.trial_end_now(work, doc),
        "begun": begun and begun["status"] == "incomplete",
        "due": work.get("invoice", begun["latest_invoice"])["amount_due"] if begun else None,
        "country": (work.customer["address"] or {}).get("country"),
        "countries": sorted(taxes.COUNTRIES.items(), key=lambda country: country[1]),
        "kinds": cards.LABELS,
    }


def portal(id_: str) -> Doc:
    """What the portal page shows."""
    work, doc = session(id_, "billing_portal.session")
    invoices = [each for each in work.all("invoice") if each["status"] != "draft"]
    return {
        "session": doc,
        "customer": work.customer,
        "subscriptions": [_subscription(work, each) for each in reversed(work.all("subscription"))],
        "invoices": [_invoice(work, each) for each in reversed(invoices)],
        "card": cards.current(work, None),
        "kinds": cards.LABELS,
    }


def _subscription(work: Work, doc: Doc) -> Doc:
    item = doc["items"]["data"][0]
    product = work.get("product", item["price"]["product"])
    return {**doc, "item": item, "price": item["price"], "plan": product["name"], "over": doc["status"] in ENDED}


def _invoice(work: Work, doc: Doc) -> Doc:
    rates = [(work.find(tax["tax_rate_details"]["tax_rate"]), tax) for tax in doc["total_taxes"]]
    return {**doc, "taxes": [{**tax, "rate": rate} for rate, tax in rates if rate]}


def invoice(id_: str) -> Doc:
    """An invoice by the token of its page. Raises Refused."""
    with begin() as connection:
        found = rows(
            connection,
            "select customer, id from objects where kind = 'invoice' and body->>'hosted_invoice_url' like %s",
            f"%/invoice/{id_}",
        )
        if not found:
            raise missing("invoice", id_)
        work = Work(connection)
        work.enter(found[0][0])
        _load_catalogue(work)
        return {"invoice": _invoice(work, work.get("invoice", found[0][1]))}


def driver(customer_id: str = "") -> Doc:
    """What the driver shows: customers, the newest first or one alone; events; switches."""
    statement = """select id from objects where kind = 'customer' and (%s = '' or id = %s)
        and not body ? 'deleted' order by seq desc limit %s"""
    with begin() as connection:
        found = rows(connection, statement, customer_id, customer_id, SHOWN_CUSTOMERS)
        return {
            "customers": [_customer(Work(connection), id_) for (id_,) in found],
            "events": _events(connection, customer_id),
            "mode": switch(connection, "delivery", "normal"),
            "after_retries": switch(connection, "after_retries", "unpaid"),
            "counts": dict(tuple(row) for row in rows(connection, "select state, count(*) from events group by state")),
            "chosen": customer_id,
            "kinds": cards.LABELS,
        }


def _events(connection: Any, customer_id: str) -> list[Doc]:
    found = rows(
        connection,
        """select id, customer, type, state, attempts, answer, body->>'created' from events
            where %s = '' or customer = %s order by seq desc limit %s""",
        customer_id,
        customer_id,
        SHOWN_EVENTS,
    )
    names = ("id", "customer", "type", "state", "attempts", "answer", "created")
    return [{**dict(zip(names, row, strict=True)), "created": int(row[6])} for row in found]


def _customer(work: Work, id_: str) -> Doc:
    customer = work.enter(id_)
    alive = [each for each in work.all("subscription") if each["status"] not in ENDED]
    shown = (alive or work.all("subscription"))[-1:]
    prices = rows(
        work.connection, "select body::text from objects where kind = 'price' and body @> '{\"active\": true}'"
    )
    return {
        **customer,
        "now": work.now,
        "subscription": _subscription(work, shown[0]) if shown else None,
        "card": cards.current(work, shown[0] if shown else None),
        "due": clock.next_due(work),
        "retry": min((i["next_payment_attempt"] or 2**62 for i in work.all("invoice", status="open")), default=2**62),
        "waits": bool(work.all("payment_intent", status="requires_action")),
        "paid": any(not charge["refunded"] for charge in work.all("charge", paid=True)),
        "others": _other_plans(work, shown, [from_json(body) for (body,) in prices]),
    }


def _other_plans(work: Work, shown: list[Doc], prices: list[Doc]) -> list[tuple[str, str]]:
    """Prices that the subscription could change to, with the names of their plans."""
    if not shown:
        return []
    price = shown[0]["items"]["data"][0]["price"]
    fit = [each for each in prices if each["currency"] == price["currency"] and each["id"] != price["id"]]
    return [(each["id"], work.get("product", each["product"])["name"]) for each in fit]
