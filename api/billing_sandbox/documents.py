"""Documents: whose they are, what of them goes out, and what has changed of one."""

from api.billing_sandbox.store import Doc

LACKING = {"discount": ("created", "livemode"), "refund": ("livemode",), "invoice_payment": ("customer",)}
EVENT_NAMES = {"subscription": "customer.subscription"}


def owner(doc: Doc) -> str:
    """The customer whom a document belongs to; empty for what is everybody's."""
    return str(doc["id"] if doc["object"] == "customer" else doc.get("customer") or "")


def public(doc: Doc) -> Doc:
    """A document without what is the sandbox's own, and what Stripe's object of that kind lacks."""
    lacking = LACKING.get(doc["object"], ())
    return {name: value for name, value in doc.items() if not name.startswith("_") and name not in lacking}


def difference(before: Doc, after: Doc) -> Doc:
    """The values before of what has changed; of a hash, its changed members alone."""
    changed = {}
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old != new:
            both = isinstance(old, dict) and isinstance(new, dict) and name != "items"
            changed[name] = difference(old, new) if both else old  # type: ignore[arg-type]
    return changed
