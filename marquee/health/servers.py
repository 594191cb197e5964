"""The servers: API, gateway, edges, shields, origin, MLflow, each asked by its address."""

import socket
import ssl
import time
from collections.abc import Iterator
from functools import cache, partial
from urllib.parse import urlsplit

import httpx

from marquee.health.checks import Check, Part, State
from marquee.settings import Settings

TIMEOUT_S = 2.0
SLOW_MS = 500


def parts(s: Settings) -> list[Part]:
    """A part for each server."""
    return [Part("Servers", name, partial(_ask, name, url)) for name, url in addresses(s).items()]


def addresses(s: Settings) -> dict[str, str]:
    """By name, an address that answers 200, or `tcp://host:port` that takes connections.

    MARQUEE_HEALTH_URLS names those of servers that are not embedded ones, and adds to them.
    """
    inside = {**s.edge_addresses, **s.shield_addresses}
    asked = {name: f"{url.rstrip('/')}/healthz" for name, url in inside.items()}
    return {**_embedded(s), **asked, "mlflow": f"{s.mlflow}/health", **s.health_urls}


def _embedded(s: Settings) -> dict[str, str]:
    """Servers of one machine; among servers that ask for certificates, whether they listen has to do."""
    if s.health_urls:
        return {}
    scheme, path = ("tcp", "") if s.mutual_tls else ("http", "/healthz")
    front = {"gateway": f"https://127.0.0.1:{s.port_gateway}/gateway"} if s.tls else {}
    origin = f"{'https' if s.mutual_tls else 'http'}://127.0.0.1:{s.port_origin}/healthz"
    inside = {"airflow": f"http://127.0.0.1:{s.port_airflow}/api/v2/monitor/health", "origin": origin}
    return {"api": f"{scheme}://127.0.0.1:{s.port_api}{path}", **front, **inside}


def _ask(name: str, url: str) -> Iterator[Check]:
    began = time.monotonic()
    try:
        status = _connects(url) if url.startswith("tcp://") else _client().get(url).status_code
    except (httpx.HTTPError, OSError) as error:
        yield Check(name, State.DOWN, f"does not answer: {type(error).__name__}")
        return
    ms = (time.monotonic() - began) * 1000
    state = State.DOWN if status != 200 else State.WARNING if ms > SLOW_MS else State.OK
    yield Check(name, state, f"answers in {ms:.0f} ms" if status == 200 else f"answers {status}")


def _connects(url: str) -> int:
    parts = urlsplit(url)
    socket.create_connection((parts.hostname or "", parts.port or 0), TIMEOUT_S).close()
    return 200


@cache
def _client() -> httpx.Client:
    """Whether a server answers is asked, not who it is: certificates have checks of their own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return httpx.Client(timeout=TIMEOUT_S, trust_env=False, verify=context)
