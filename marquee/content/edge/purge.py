"""Takes releases out of the caches of shields and edges."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from marquee.content.edge.client import client_of
from marquee.content.edge.signing import sign
from marquee.content.edge.warmup import CONNECTIONS, warming_order
from marquee.contracts.edge import Audience, MediaGrant, PurgeReport
from marquee.contracts.errors import Unavailable
from marquee.contracts.release import Release

TOKEN_S = 3600


def purge(name: str, url: str, release: Release, *, key: str, authority: Path | None = None) -> PurgeReport:
    """Take every file of a release out of one cache. `key` and `authority` as for `warm`.

    Purge shields before edges: an edge could fetch from a shield again what it has just dropped. Raises Unavailable
    when the server does not answer, or refuses.
    """
    paths = [file.path for file in warming_order(release)]
    return purge_paths(name, url, release.title_id, release.release_id, paths, key=key, authority=authority)


def purge_paths(
    name: str,
    url: str,
    title_id: int,
    release_id: int,
    paths: Sequence[str],
    *,
    key: str,
    authority: Path | None = None,
) -> PurgeReport:
    """The same for these paths below a release's folder, or below that of the title's own pictures."""
    grant = MediaGrant(
        audience=Audience.PURGE,
        title_id=title_id,
        release_id=release_id,
        session_id=0,
        expires=int(time.time()) + TOKEN_S,
    )
    folder = f"/purge/{sign(grant, key=key)}/{grant.prefix}"
    with client_of(url, authority) as client, ThreadPoolExecutor(CONNECTIONS) as pool:
        dropped = list(pool.map(lambda path: _drop(client, f"{folder}/{path}", name), paths))
    return PurgeReport(cache=name, release_id=release_id, files=len(dropped), dropped=sum(dropped))


def purge_all(
    caches: Mapping[str, str], release: Release, *, key: str, authority: Path | None = None
) -> list[PurgeReport]:
    """The same for several caches, by name their URLs, in their order. Raises as `purge` does."""
    return [purge(name, url, release, key=key, authority=authority) for name, url in caches.items()]


def _drop(client: httpx.Client, path: str, name: str) -> bool:
    """Whether the object was there."""
    try:
        answer = client.post(path)
    except httpx.TransportError as error:
        raise Unavailable("the cache does not answer", where=name, got=str(error)) from None
    if answer.status_code not in (200, 404):
        raise Unavailable("the cache does not purge", where=name, expected="200 or 404", got=str(answer.status_code))
    return answer.status_code == 200
