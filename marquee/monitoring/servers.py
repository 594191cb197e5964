"""Gateway and edges as browsers find them: whether they take a connection, and until when their certificates hold.

By a handshake, because what a server shows counts and not what lies in a file.
"""

import socket
import ssl
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography import x509
from prometheus_client import Metric

from marquee.logs import log
from marquee.monitoring.parts import Part, gauge
from marquee.settings import Settings, settings

PATIENCE_S = 3.0


class Place(NamedTuple):
    """Where a server is, by which name it is asked, and whether by TLS."""

    host: str
    port: int
    name: str
    tls: bool


def part(gateway: str = "") -> Part:
    """The part; `gateway` is where it is reached (host:port), by default on this machine."""

    def read() -> Iterator[Metric]:
        up = gauge("server_up", "1 where a server takes a connection", "server")
        until = gauge("certificate_until_seconds", "When a server's certificate ends, as Unix time", "server")
        for name, place in places(settings(), gateway).items():
            try:
                end = _end_of_certificate(place)
            except OSError as error:
                log.warning("takes no connection", server=name, error=type(error).__name__)
                up.add_metric([name], 0)
                continue
            up.add_metric([name], 1)
            if end is not None:
                until.add_metric([name], end)
        yield from (up, until)

    return read


def places(s: Settings, gateway: str = "") -> dict[str, Place]:
    """All by name; the gateway where there is one."""
    host, _, port = (gateway or f"127.0.0.1:{s.port_gateway}").rpartition(":")
    front = {"gateway": Place(host, int(port), urlsplit(s.api_url).hostname or "", tls=True)} if s.tls else {}
    return front | {name: _place(address) for name, address in s.edge_addresses.items()}


def _place(url: str) -> Place:
    parts = urlsplit(url)
    tls, host = parts.scheme == "https", parts.hostname or ""
    return Place(host, parts.port or (443 if tls else 80), host, tls)


def _end_of_certificate(place: Place) -> float | None:
    """None without TLS. Who signed it and for whom is not looked at. Raises OSError where nobody answers."""
    with socket.create_connection((place.host, place.port), PATIENCE_S) as plain:
        if not place.tls:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(plain, server_hostname=place.name) as connection:
            shown = connection.getpeercert(binary_form=True) or b""
    return x509.load_der_x509_certificate(shown).not_valid_after_utc.timestamp()
