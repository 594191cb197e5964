"""Events in Stripe's envelope."""

import stripe

from api.billing_sandbox.store import Doc

API_VERSION = stripe.api_version


def envelope(id_: str, type_: str, event: Doc, request_id: str = "", key: str = "") -> Doc:
    """The event object around the data. `request` names no request where the clock has caused it."""
    return {
        "id": id_,
        "object": "event",
        "api_version": API_VERSION,
        "created": event["created"],
        "data": event["data"],
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": request_id or None, "idempotency_key": key or None},
        "type": type_,
    }
