"""Prices of plans at Stripe. A price's lookup key names plan, currency and amount, so a price never changes."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from marquee.contracts.plans import Price
from marquee.members.billing.stripe.client import NO_SUCH, client, named

if TYPE_CHECKING:
    from stripe import Price as StripePrice
    from stripe import TaxRate

PLAN = "plan"  # in the metadata of products and prices


def price_id(plan: str, name: str, price: Price) -> str:
    """Stripe's id of a plan's price, which is made when it is missing; so is the plan's product."""
    key = f"marquee-{plan}-{price.currency}-{price.amount}"
    prices = client().v1.prices
    found = prices.list({"lookup_keys": [key], "active": True}).data
    if found:
        return found[0].id
    made = prices.create(
        {
            "product": _product(plan, name),
            "currency": price.currency.lower(),
            "unit_amount": price.amount,
            "recurring": {"interval": "month"},
            "lookup_key": key,
            "metadata": {PLAN: plan},
        },
        {"idempotency_key": f"price-{key}"},
    )
    return made.id


def _product(plan: str, name: str) -> str:
    import stripe

    product_id = f"marquee-{plan}"
    products = client().v1.products
    try:
        return products.retrieve(product_id).id
    except stripe.InvalidRequestError as error:
        if error.code != NO_SUCH:
            raise
    made: Any = {"id": product_id, "name": name, "metadata": {PLAN: plan}}
    return products.create(made, {"idempotency_key": f"product-{product_id}-{name}"}).id


def plan_of(price: "StripePrice") -> str:
    """The plan of a price; empty for one that is not ours."""
    return named(price.metadata, PLAN)


@lru_cache(maxsize=1024)
def plan_of_id(price: str) -> str:
    """The plan of a price by its id."""
    return plan_of(client().v1.prices.retrieve(price))


@lru_cache(maxsize=1024)
def tax_rate(rate_id: str) -> "TaxRate":
    """A rate of tax; at Stripe its percentage never changes."""
    return client().v1.tax_rates.retrieve(rate_id)
