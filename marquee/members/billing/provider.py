"""What the platform asks of a payment provider. Another provider is one more folder with such a class."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from marquee.contracts.billing import ChangePreview, CustomerRecord, Order, Standing
from marquee.contracts.errors import Conflict
from marquee.contracts.plans import Price
from marquee.members.billing.stripe import Stripe
from marquee.settings import settings


class Provider(Protocol):
    """Every method raises Unavailable when the provider does not answer."""

    name: str

    def create_customer(self, account_id: int, email: str, language: str) -> str:
        """The id of the account's customer; the same one when it is asked again within a day."""
        ...

    def checkout(self, order: Order) -> str:
        """The address of a page where the order is paid. Earlier pages of the customer are closed."""
        ...

    def portal(self, customer_id: str, back_url: str, language: str) -> str:
        """The address of a page where the customer changes how to pay, and finds the invoices."""
        ...

    def preview_change(self, standing: Standing, plan: str, name: str, price: Price) -> ChangePreview:
        """What another plan would cost now."""
        ...

    def change(self, standing: Standing, plan: str, name: str, price: Price) -> None:
        """Change the plan at once; what was paid is taken into account. Raises PaymentFailed; then nothing changes."""
        ...

    def cancel_at_end(self, standing: Standing, cancel: bool) -> None:
        """End the subscription with its period, or with False go on after all."""
        ...

    def reported_customer(self, body: bytes, signature: str) -> str | None:
        """The customer that a report is about; None for one of no interest. Raises ForgedReport."""
        ...

    def record(self, customer_id: str) -> CustomerRecord | None:
        """All that the provider says of a customer now; None when it knows none."""
        ...

    def changed_since(self, moment: datetime) -> Iterator[str]:
        """Customers that something happened to, each once."""
        ...

    def standings(self) -> Iterator[Standing]:
        """Every subscription of this installation, over or not."""
        ...

    def correct_email(self, customer_id: str, email: str) -> None:
        """Give the customer the account's present address."""
        ...

    def forget(self, customer_id: str) -> None:
        """End what the customer pays for and delete the customer; again changes nothing."""
        ...


def provider() -> Provider:
    """The provider of this installation. Raises Conflict when it takes no payments."""
    if not settings().takes_payments:
        raise Conflict("this installation takes no payments", where="MARQUEE_STRIPE_API_KEY", expected="a key")
    return Stripe()
