"""Events that were reported: listed by the API, taken by tests, kept, sent or dropped by the driver's switch."""

import random
import time
from dataclasses import dataclass
from typing import Any

import stripe
from pydantic_core import to_json
from sqlalchemy import Connection

from api.billing_sandbox import wire
from api.billing_sandbox.errors import Refused, missing
from api.billing_sandbox.lists import COMPARE, MOST, USUAL, listed
from api.billing_sandbox.store import Doc, begin, rows, run, set_switch
from api.billing_sandbox.work import Work
from marquee.settings import settings

MODES = ("normal", "hold", "drop")
ORDERS = ("in order", "shuffled", "twice")
LIST: wire.Schema = {**wire.PAGING, "type": wire.text, "types": [wire.text], "created": wire.RANGE}


@dataclass(frozen=True)
class Message:
    """A webhook as it is sent: the body and the Stripe-Signature header."""

    id: str
    type: str
    payload: bytes
    signature: str


def message(body: Doc) -> Message:
    """An event as it is sent now: the signature holds the time, by the library's own signer."""
    payload = to_json(body).decode()
    secret = settings().secret("stripe_webhook_secret")
    signature = stripe.WebhookSignature.generate_signature_header(payload, secret, timestamp=int(time.time()))
    return Message(body["id"], body["type"], payload.encode(), signature)


def take_events(customer_id: str = "") -> list[Message]:
    """The events that wait for delivery, oldest first, of one customer or all; they count as delivered."""
    statement = """update events set state = 'delivered', answer = 'taken'
        where state in ('pending', 'held') and (%s = '' or customer = %s) returning seq, body"""
    with begin() as connection:
        taken: list[tuple[int, Any]] = [tuple(row) for row in rows(connection, statement, customer_id, customer_id)]
    return [message(body) for _, body in sorted(taken, key=lambda row: row[0])]


def list_all(work: Work, params: Doc) -> Doc:
    """Events by type and time, newest first."""
    limit = params.get("limit", USUAL)
    if not 1 <= limit <= MOST:
        raise Refused(f"Invalid limit: must be between 1 and {MOST}", code="parameter_invalid_integer", param="limit")
    types = params.get("types") or ([params["type"]] if params.get("type") else None)
    clauses, values = "", []
    if types:
        clauses, values = " and type = any(%s)", [types]
    for name, value in (params.get("created") or {}).items():
        clauses += f" and (body->>'created')::bigint {COMPARE[name]} %s"
        values.append(value)
    if cursor := params.get("starting_after"):
        clauses += " and seq < %s"
        values.append(_place(work.connection, cursor))
    statement = f"select body, state from events where true {clauses} order by seq desc limit %s"  # noqa: S608
    found = rows(work.connection, statement, *values, limit + 1)
    return listed([_shown(*row) for row in found[:limit]], "/v1/events", more=len(found) > limit)


def _place(connection: Connection, cursor: str) -> int:
    found = rows(connection, "select seq from events where id = %s", cursor)
    if not found:
        raise missing("event", cursor, "starting_after")
    return int(found[0][0])


def retrieve(work: Work, id_: str, _: Doc) -> Doc:
    found = rows(work.connection, "select body, state from events where id = %s", id_)
    if not found:
        raise missing("event", id_)
    return _shown(*found[0])


def _shown(body: Doc, state: str) -> Doc:
    return {**body, "pending_webhooks": 0 if state == "delivered" else 1}


def set_mode(mode: str) -> None:
    """Deliver what happens from now on, keep it, or drop it."""
    with begin() as connection:
        set_switch(connection, "delivery", mode)


def send_held(order: str) -> int:
    """Send what was held: in order, shuffled or twice; how many events."""
    with begin() as connection:
        held = [
            row[0] for row in rows(connection, "select id from events where state = 'held' order by seq for update")
        ]
        if order == "shuffled":
            random.shuffle(held)
        for turn, id_ in enumerate(held):
            run(
                connection,
                "update events set state = 'pending', turn = %s, times = %s, next_at = %s where id = %s",
                turn,
                2 if order == "twice" else 1,
                time.time(),
                id_,
            )
        return len(held)


def send_again(id_: str) -> None:
    """Send one event once more, whatever became of it."""
    statement = "update events set state = 'pending', times = 1, next_at = %s where id = %s"
    with begin() as connection:
        run(connection, statement, time.time(), id_)
