"""The connection to Stripe, or to the demo's sandbox, and what its errors mean here."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from marquee.contracts.errors import Conflict, Unavailable
from marquee.logs import log
from marquee.members.errors import PaymentFailed
from marquee.settings import settings

if TYPE_CHECKING:
    from stripe import StripeClient
    from stripe._stripe_object import UntypedStripeObject

TIMEOUT_S = 10
NO_SUCH = "resource_missing"


@lru_cache(maxsize=1)
def client() -> "StripeClient":
    """The client of this process."""
    import stripe

    s = settings()
    addresses: Any = {"api": s.billing_address} if s.billing_is_sandbox else {}
    return stripe.StripeClient(
        s.secret("stripe_api_key"),
        base_addresses=addresses,
        max_network_retries=1,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
    )


@contextmanager
def errors() -> Iterator[None]:
    """Makes Stripe's errors ours. Raises PaymentFailed, Conflict, Unavailable."""
    import stripe

    try:
        yield
    except stripe.CardError as error:
        raise PaymentFailed("the payment did not work", got=str(error.code or "")) from None
    except stripe.InvalidRequestError as error:
        log.error("refused by the payment provider", code=error.code, param=error.param, error=str(error))
        raise Conflict(
            "the payment provider does not take this", where=error.param or "", got=str(error.code)
        ) from None
    except stripe.StripeError as error:
        log.warning("no answer from the payment provider", error=type(error).__name__, status=error.http_status)
        raise Unavailable("the payment provider does not answer") from None


def named(metadata: "UntypedStripeObject[str] | None", key: str) -> str:
    """A value of Stripe's metadata; empty where there is none."""
    return metadata[key] if metadata is not None and key in metadata else ""


def moment(seconds: int | None) -> datetime | None:
    """Stripe's times are Unix seconds."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
