"""Asks the operator's licence servers and key server, and nobody else: a name that leads inside reaches nothing.

The name is looked up once, every address it has is judged, and the connection goes to an address that was judged, so an
answer that changes between two look-ups (DNS rebinding) changes nothing. Over TLS the server has to prove the name.
Redirects are not followed; time and size have bounds.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Any

import httpcore

from marquee.contracts.errors import Forbidden, Unavailable

CONNECT_S, ANSWER_S = 3.0, 10.0
TRANSLATED = IPv6Network("64:ff9b::/96")  # RFC 6052
MOST = 256 * 1024  # bytes of an answer; licences have some KiB


class Guarded(httpcore.NetworkBackend):
    """Connects to public addresses alone, or to any where `inside` says so."""

    def __init__(self, *, inside: bool) -> None:
        self._inside, self._sockets = inside, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises httpcore.ConnectError for a name that is unknown or leads inside."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from None
        addresses = [str(sockaddr[0]) for *_, sockaddr in found]
        if not self._inside and (refused := [each for each in addresses if not is_public(each)]):
            raise httpcore.ConnectError(f"{host} leads to {', '.join(refused)}")
        return self._sockets.connect_tcp(addresses[0], port, timeout, local_address, socket_options)


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet: no private, loopback, link-local, multicast or reserved one.

    An IPv4 address within IPv6, mapped or translated, counts as itself.
    """
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        translated = IPv4Address(found.packed[-4:]) if found in TRANSLATED else None
        found = translated or found.ipv4_mapped or found.sixtofour or found
    return found.is_global and not found.is_multicast


@cache
def _pool(inside: bool, authority: Path | None) -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(
        ssl_context=_trusting(authority),
        network_backend=Guarded(inside=inside),
        keepalive_expiry=30,
        max_connections=20,
    )


def _trusting(authority: Path | None) -> ssl.SSLContext:
    """Trusts one authority alone, or those of the system."""
    try:
        return ssl.create_default_context(cafile=authority)
    except OSError as error:
        got = str(error)
        raise Unavailable("the servers' authority cannot be read", where=str(authority), got=got) from None


def ask(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    inside: bool = False,
    authority: Path | None = None,
    server: str = "licence server",
) -> bytes:
    """What a server answers; `authority` has signed its certificate, None for those that the system trusts.

    Raises Forbidden when it refuses, Unavailable when it has no usable answer or does not prove its name.
    """
    limits = {"connect": CONNECT_S, "read": ANSWER_S, "write": ANSWER_S, "pool": CONNECT_S}
    try:
        with _pool(inside, authority).stream(
            "POST", url, headers=list(headers.items()), content=body, extensions={"timeout": limits}
        ) as answer:
            content = _bounded(answer)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        raise Unavailable(f"the {server} does not answer", where=name(url), got=str(error)[:200]) from None
    if answer.status in {401, 403}:
        raise Forbidden(f"the {server} refuses this request", where=name(url), got=str(answer.status))
    if answer.status != 200:
        raise Unavailable(f"the {server} is in trouble", where=name(url), expected="200", got=str(answer.status))
    return content


def _bounded(answer: httpcore.Response) -> bytes:
    content, until = b"", time.monotonic() + ANSWER_S
    for block in answer.iter_stream():
        content += block
        if len(content) > MOST:
            raise httpcore.RemoteProtocolError(f"more than {MOST} bytes")
        if time.monotonic() > until:
            raise httpcore.ReadTimeout(f"longer than {ANSWER_S:.0f} s")
    return content


def name(url: str) -> str:
    """The server without what its address may hold of secrets."""
    return url.partition("?")[0]
