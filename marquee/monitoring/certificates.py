"""The certificates that gateway and edges really show: by a handshake, as a browser would have it."""

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from cryptography import x509
from prometheus_client import Metric

from marquee.monitoring.parts import Part, gauge
from marquee.settings import Settings, settings

PATIENCE_S = 3.0


def part(gateway: str = "") -> Part:
    """The part; `gateway` is where it is reached (host:port), by default on this machine."""

    def read() -> Iterator[Metric]:
        until = gauge("certificate_until_seconds", "When a server's certificate ends, as Unix time", "server")
        for name, (address, shown) in servers(settings(), gateway).items():
            until.add_metric([name], _end_of(address, shown))
        yield until

    return read


def servers(s: Settings, gateway: str = "") -> dict[str, tuple[tuple[str, int], str]]:
    """By name, where a server is and the name to ask it by; none without TLS."""
    if not s.tls:
        return {}
    host, _, port = (gateway or f"127.0.0.1:{s.port_gateway}").rpartition(":")
    found = {"gateway": ((host, int(port)), urlsplit(s.api_url).hostname or "")}
    for name, address in s.edge_addresses.items():
        parts = urlsplit(address)
        if parts.scheme == "https" and parts.hostname:
            found[name] = ((parts.hostname, parts.port or 443), parts.hostname)
    return found


def _end_of(address: tuple[str, int], name: str) -> float:
    """Who signed it and for whom is not looked at: only until when it holds."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(address, PATIENCE_S) as plain,
        context.wrap_socket(plain, server_hostname=name) as connection,
    ):
        shown = connection.getpeercert(binary_form=True) or b""
    return x509.load_der_x509_certificate(shown).not_valid_after_utc.timestamp()
