"""Stripe's library without sockets: its calls go straight to the sandbox, within this process. For tests."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe

from api.billing_sandbox.calls import Asked, answer
from marquee.settings import settings


class InProcess(stripe.HTTPClient):
    """`stripe.StripeClient(key, http_client=InProcess())`."""

    name = "billing sandbox"

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
    ) -> tuple[str, int, Mapping[str, str]]:
        """As the library's own clients: body, status, headers."""
        address = urlsplit(url)
        body = post_data.encode() if isinstance(post_data, str) else post_data or b""
        named = {name.lower(): value for name, value in (headers or {}).items()}
        given = answer(Asked(method, address.path, address.query, body, named))
        return given.body.decode(), given.status, given.headers

    def close(self) -> None:
        """Nothing is open."""


def client() -> stripe.StripeClient:
    """A client of the sandbox in this process, with the right key."""
    return stripe.StripeClient(settings().secret("stripe_api_key"), http_client=InProcess())
