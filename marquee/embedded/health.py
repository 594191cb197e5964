"""Health checks of services; each is given the Unix time at which the service's process began."""

import socket
import ssl
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

import httpx

TIMEOUT_S = 5.0

Health = Callable[[float], bool]


@cache
def _client(shown: Path | None = None) -> httpx.Client:
    """For this machine, where a certificate proves nothing more. `shown` is one of our own, with its key.

    Reading the certificates of the world, as others do, takes 40 ms each time. No connection is kept: a server that
    ends waits for its clients to close theirs.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if shown:
        context.load_cert_chain(shown)
    none_kept = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(timeout=TIMEOUT_S, trust_env=False, verify=context, limits=none_kept)


def http(url: str, shown: Path | None = None) -> Health:
    """Healthy when the address answers 200; `shown` is the certificate, with its key, that it asks for."""

    def healthy(_since: float) -> bool:
        try:
            return _client(shown).get(url).status_code == 200
        except (httpx.TransportError, FileNotFoundError):
            return False

    return healthy


def listening(port: int) -> Health:
    """Healthy when something takes connections on the loopback port."""

    def healthy(_since: float) -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), TIMEOUT_S).close()
        except OSError:
            return False
        return True

    return healthy


def airflow_part(monitor: str, part: str) -> Health:
    """Healthy when Airflow's monitor says so after a heartbeat of this life: the dead keep a good name for long."""

    def healthy(since: float) -> bool:
        try:
            said = _client().get(monitor).json()[part]
        except (httpx.TransportError, ValueError, KeyError):
            return False
        beat = said.get(f"latest_{part}_heartbeat")
        fresh = beat is None or datetime.fromisoformat(beat).timestamp() >= since
        return bool(said["status"] == "healthy") and fresh

    return healthy
