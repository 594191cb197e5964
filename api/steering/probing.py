"""Probes the edges, as every process of the API does for itself."""

import asyncio
import re
import ssl
from functools import cache

import httpx

from api.steering.service import health
from marquee.content.edge.client import trusting
from marquee.settings import settings

PROBE_EVERY_S, PROBE_TIMEOUT_S = 2.0, 1.0
_WELL = re.compile(r"ok (\d+)\s*")


async def probe_edges() -> float:
    """Ask every edge how it is; how long to wait before the next time. Each time anew: whether it takes connections."""
    addresses = settings().edge_addresses
    async with httpx.AsyncClient(verify=_trusted(), timeout=PROBE_TIMEOUT_S, trust_env=False) as client:
        answers = await asyncio.gather(*(_probe(client, url) for url in addresses.values()))
    health().probed(dict(zip(addresses, answers, strict=True)))
    return PROBE_EVERY_S


async def _probe(client: httpx.AsyncClient, url: str) -> int | None:
    """The connections that an edge holds; None when it is not well."""
    try:
        answer = await client.get(f"{url}/healthz")
    except httpx.HTTPError:
        return None
    found = _WELL.fullmatch(answer.text)
    return int(found[1]) if found and answer.status_code == 200 else None


@cache
def _trusted() -> ssl.SSLContext:
    return trusting(settings().authority)
