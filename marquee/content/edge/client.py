"""An HTTP client for one edge or shield."""

import httpx


def client_of(url: str) -> httpx.Client:
    """A client for one server. Names below .localhost are the loopback address (RFC 6761 §6.3), whatever the resolver.

    Close it after use.
    """
    base = httpx.URL(url)
    headers = {"Accept-Encoding": "identity", "Host": base.netloc.decode()}
    if base.host.endswith(".localhost"):
        base = base.copy_with(host="127.0.0.1")
    return httpx.Client(base_url=base, headers=headers, timeout=httpx.Timeout(30, connect=5))
