"""Stripe's reports (webhooks): whether one is genuine, and which customer it is about."""

from typing import TYPE_CHECKING, Any

from marquee.contracts.errors import Unavailable
from marquee.members.errors import ForgedReport
from marquee.settings import settings

if TYPE_CHECKING:
    from stripe import Event

TOLERANCE_S = 300  # Stripe's own default: how old a signature may be, so that an overheard report is soon worthless


def customer_of(body: bytes, signature: str) -> str | None:
    """The customer of a report. Raises ForgedReport when the raw body was not signed with our secret just now."""
    import stripe

    secret = settings().secret("stripe_webhook_secret")
    if not secret:
        raise Unavailable("no secret is set", where="MARQUEE_STRIPE_WEBHOOK_SECRET", expected="the endpoint's secret")
    try:
        return customer_in(stripe.Webhook.construct_event(body, signature, secret, TOLERANCE_S))
    except (stripe.SignatureVerificationError, ValueError, IndexError, KeyError, AttributeError):
        raise ForgedReport("not signed by the payment provider", where="Stripe-Signature") from None


def customer_in(event: "Event") -> str | None:
    """The customer that an event is about: its object, or the one its object belongs to."""
    thing: Any = event.data.object
    customer = thing.get("id") if thing.get("object") == "customer" else thing.get("customer")
    return customer if isinstance(customer, str) else None
