"""An HTTP client for one edge or shield."""

import ssl
from pathlib import Path

import httpx


def client_of(url: str, authority: Path | None = None) -> httpx.Client:
    """A client for one server, whose address may be a name below .localhost.

    `authority` is a file of certificates to be trusted beside the usual ones. Close the client after use.
    """
    base, named = resolved(url), httpx.URL(url)
    headers = {"Accept-Encoding": "identity", "Host": named.netloc.decode()}
    trusted = trusting(authority) if base.scheme == "https" else True
    return httpx.Client(base_url=base, headers=headers, timeout=httpx.Timeout(30, connect=5), verify=trusted)


def resolved(url: str) -> httpx.URL:
    """Names below .localhost are the loopback address (RFC 6761 §6.3), whatever the resolver."""
    named = httpx.URL(url)
    return named.copy_with(host="127.0.0.1") if named.host.endswith(".localhost") else named


def trusting(authority: Path | None) -> ssl.SSLContext:
    """The usual certificates are trusted, and those of a file."""
    context = ssl.create_default_context()
    if authority:
        context.load_verify_locations(authority)
    return context
