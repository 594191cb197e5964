"""The adapter to Stripe, on its official library. The demo's sandbox speaks the same, at another address."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from marquee.contracts.billing import ChangePreview, CustomerRecord, Order, Standing
from marquee.contracts.plans import Price
from marquee.members.billing.stripe import prices, reading, reports
from marquee.members.billing.stripe.client import NO_SUCH, client, errors
from marquee.settings import settings

LANGUAGES = {"de", "en", "es", "fr", "it", "ja", "nl", "pl", "pt"}  # of ours, those of Stripe's pages


class Stripe:
    """See `members.billing.provider.Provider`, which says what each method does."""

    name = "stripe"

    def create_customer(self, account_id: int, email: str, language: str) -> str:
        wanted: Any = {"email": email, "preferred_locales": [language], "metadata": {reading.ACCOUNT: str(account_id)}}
        with errors():
            return client().v1.customers.create(wanted, {"idempotency_key": f"customer-{account_id}"}).id

    def checkout(self, order: Order) -> str:
        sessions = client().v1.checkout.sessions
        with errors():
            for earlier in sessions.list({"customer": order.customer_id, "status": "open"}).auto_paging_iter():
                sessions.expire(earlier.id)
            return str(sessions.create(self._session(order)).url)

    def _session(self, order: Order) -> Any:
        subscription: dict[str, Any] = {"metadata": {reading.ACCOUNT: str(order.account_id)}}
        if order.trial_ends_at:
            subscription["trial_end"] = int(order.trial_ends_at.timestamp())
        taxes = {"automatic_tax": {"enabled": True}, "customer_update": {"address": "auto"}}
        return {
            "mode": "subscription",
            "customer": order.customer_id,
            "line_items": [{"price": prices.price_id(order.plan, order.name, order.price), "quantity": 1}],
            "subscription_data": subscription,
            "allow_promotion_codes": True,
            "success_url": order.done_url,
            "cancel_url": order.back_url,
            "locale": _locale(order.language),
            **(taxes if settings().stripe_tax else {}),
        }

    def portal(self, customer_id: str, back_url: str, language: str) -> str:
        wanted: Any = {"customer": customer_id, "return_url": back_url, "locale": _locale(language)}
        with errors():
            return client().v1.billing_portal.sessions.create(wanted).url

    def preview_change(self, standing: Standing, plan: str, name: str, price: Price) -> ChangePreview:
        with errors():
            preview = client().v1.invoices.create_preview(
                {
                    "customer": standing.customer_id,
                    "subscription": standing.subscription_id,
                    "subscription_details": self._other_plan(standing, plan, name, price),
                }
            )
        return ChangePreview(preview.currency.upper(), preview.amount_due or preview.total)

    def change(self, standing: Standing, plan: str, name: str, price: Price) -> None:
        with errors():
            change = self._other_plan(standing, plan, name, price) | {"payment_behavior": "error_if_incomplete"}
            client().v1.subscriptions.update(standing.subscription_id, change)

    def _other_plan(self, standing: Standing, plan: str, name: str, price: Price) -> Any:
        held = client().v1.subscriptions.retrieve(standing.subscription_id)
        item = {"id": held["items"].data[0].id, "price": prices.price_id(plan, name, price)}
        return {"items": [item], "proration_behavior": "always_invoice"}

    def cancel_at_end(self, standing: Standing, cancel: bool) -> None:
        with errors():
            client().v1.subscriptions.update(standing.subscription_id, {"cancel_at_period_end": cancel})

    def reported_customer(self, body: bytes, signature: str) -> str | None:
        return reports.customer_of(body, signature)

    def record(self, customer_id: str) -> CustomerRecord | None:
        with errors():
            return reading.record(customer_id)

    def changed_since(self, moment: datetime) -> Iterator[str]:
        wanted: Any = {"created": {"gte": int(moment.timestamp())}, "limit": reading.PAGE}
        with errors():
            events = client().v1.events.list(wanted).auto_paging_iter()
            customers = (reports.customer_in(event.to_dict()) for event in events)
            yield from dict.fromkeys(filter(None, customers))

    def standings(self) -> Iterator[Standing]:
        wanted: Any = {"status": "all", "limit": reading.PAGE}
        with errors():
            found = map(reading.standing, client().v1.subscriptions.list(wanted).auto_paging_iter())
            yield from (each for each in found if each.account_id)

    def correct_email(self, customer_id: str, email: str) -> None:
        with errors():
            client().v1.customers.update(customer_id, {"email": email})

    def forget(self, customer_id: str) -> None:
        import stripe

        with errors():
            try:
                client().v1.customers.delete(customer_id)
            except stripe.InvalidRequestError as error:
                if error.code != NO_SUCH:
                    raise


def _locale(language: str) -> str:
    known = language.partition("-")[0].lower()
    return known if known in LANGUAGES else "auto"
