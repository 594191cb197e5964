"""Stripe's reports (webhooks): whether one is genuine, and which customer it is about."""

import json
from typing import Any

from marquee.contracts.errors import Unavailable
from marquee.members.errors import ForgedReport
from marquee.settings import settings

TOLERANCE_S = 300  # Stripe's own default: how old a signature may be, so that an overheard report is soon worthless


def customer_of(body: bytes, signature: str) -> str | None:
    """The customer of a report. Raises ForgedReport when the raw body was not signed with our secret just now."""
    import stripe

    secret = settings().secret("stripe_webhook_secret")
    if not secret:
        raise Unavailable("no secret is set", where="MARQUEE_STRIPE_WEBHOOK_SECRET", expected="the endpoint's secret")
    try:
        text = body.decode()
        stripe.WebhookSignature.verify_header(text, signature, secret, TOLERANCE_S)
        return customer_in(json.loads(text))
    except (stripe.SignatureVerificationError, ValueError):
        raise ForgedReport("not signed by the payment provider", where="Stripe-Signature") from None


def customer_in(event: Any) -> str | None:
    """The customer that an event is about: its object, or the one its object belongs to."""
    try:
        thing = event["data"]["object"]
        customer = thing["id"] if thing["object"] == "customer" else thing.get("customer")
    except (KeyError, TypeError, AttributeError):
        return None
    return customer if isinstance(customer, str) else None
