"""Fills an edge's cache with a release, in the order in which viewers ask, within a byte budget."""

import re
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path, PurePosixPath

import httpx

from marquee.content.edge.client import client_of
from marquee.content.edge.signing import media_path
from marquee.contracts.edge import Audience, MediaGrant, WarmupReport
from marquee.contracts.errors import Unavailable
from marquee.contracts.release import UNLISTED, Release, ReleaseFile

CONNECTIONS = 4
TOKEN_S = 6 * 3600
NOT_HELD = ("MISS", "BYPASS", "")  # every other X-Cache-Status means that the edge has the object on disk
FOLDERS = ("audio", "text", "thumbs", "video", UNLISTED, "art")
AUDIENCES = {"thumbs": Audience.THUMBS, UNLISTED: Audience.UNLISTED}


def warming_order(release: Release) -> list[ReleaseFile]:
    """The files an edge serves, the first wanted first.

    Initialisation segments; the first segment of every rendition; subtitles, thumbnails and artwork; then
    the rest as it is played. At one moment of the programme sound comes before pictures and low rungs before high ones.
    """
    heights = {v.name: v.lines for v in release.video}
    return sorted(_served(release), key=lambda f: _rank(PurePosixPath(f.path), heights))


def _served(release: Release) -> list[ReleaseFile]:
    """Without a second encryption, which few devices need: it is fetched when they ask."""
    second = {f"{kind}/{release.second.scheme}-" for kind in ("video", "audio")} if release.second else set[str]()
    served = [f for f in release.files if f.path.partition("/")[0] in FOLDERS]
    return [f for f in served if not f.path.startswith(tuple(second))]


def within_budget(files: Iterable[ReleaseFile], budget_bytes: int) -> list[ReleaseFile]:
    """The longest beginning of the files that the budget holds."""
    files = list(files)
    return [f for f, total in zip(files, accumulate(f.size for f in files), strict=True) if total <= budget_bytes]


def warm(
    edge_name: str, edge_url: str, release: Release, budget_bytes: int, *, key: str, authority: Path | None = None
) -> WarmupReport:
    """Fetch the release through the edge, then look whether the edge has kept it.

    `key` is the edges' signing key, `authority` a file of certificates to be trusted beside the usual ones. Raises
    Unavailable when the edge does not answer; single files that cannot be had are named in the report.
    """
    started = time.monotonic()
    order = warming_order(release)
    chosen = within_budget(order, budget_bytes)
    url_path = _signer(release, key)
    with client_of(edge_url, authority) as client, ThreadPoolExecutor(CONNECTIONS) as pool:
        _require_health(client, edge_url)
        fetched = list(pool.map(lambda f: _fetch(client, url_path(f.path), f.size), chosen))
        held = list(pool.map(lambda f: _held(client, url_path(f.path)), chosen))
    return WarmupReport(
        edge=edge_name,
        release_id=release.release_id,
        files=len(chosen),
        bytes=sum(f.size for f in chosen),
        hits=sum(held),
        misses=len(held) - sum(held),
        failed=tuple(f.path for f, good in zip(chosen, fetched, strict=True) if not good),
        skipped_for_budget=len(order) - len(chosen),
        seconds=round(time.monotonic() - started, 3),
    )


def _rank(path: PurePosixPath, heights: dict[str, int]) -> tuple[int, int, int, int, str]:
    folder, number = path.parts[0], _segment_number(path)
    group = {0: 0, 1: 1, None: 2}.get(number, 3)
    return group, number or 0, FOLDERS.index(folder), heights.get(path.parent.name, 0), str(path)


def _segment_number(path: PurePosixPath) -> int | None:
    """0 for an initialisation segment, from 1 for the media segments; None for any other file."""
    if path.name == "init.mp4":
        return 0
    match = re.fullmatch(r"(\d+)\.m4s", path.name)
    return int(match[1]) if match else None


def _signer(release: Release, key: str) -> Callable[[str], str]:
    """From a path in the release to a URL path at the edge."""
    grants = {
        audience: MediaGrant(
            audience=audience,
            title_id=release.title_id,
            release_id=release.release_id,
            session_id=0,
            expires=int(time.time()) + TOKEN_S,
        )
        for audience in (Audience.MEDIA, *AUDIENCES.values())
    }

    def url_path(path: str) -> str:
        folder, _, rest = path.partition("/")
        if folder == "art":
            return f"/{release.prefix}/{path}"
        named = f"video/{rest}" if folder == UNLISTED else path
        return media_path(grants[AUDIENCES.get(folder, Audience.MEDIA)], named, key=key)

    return url_path


def _require_health(client: httpx.Client, edge_url: str) -> None:
    try:
        answer = client.get("/healthz")
    except httpx.TransportError as error:
        raise Unavailable("the edge does not answer", where=edge_url, got=str(error)) from None
    if answer.status_code != 200:
        raise Unavailable("the edge is not healthy", where=edge_url, expected="200", got=str(answer.status_code))


def _fetch(client: httpx.Client, url_path: str, size: int) -> bool:
    """Whether the whole file came through."""
    try:
        with client.stream("GET", url_path) as answer:
            received = sum(len(block) for block in answer.iter_raw())
    except httpx.TransportError:
        return False
    return answer.status_code == 200 and received == size


def _held(client: httpx.Client, url_path: str) -> bool:
    try:
        answer = client.head(url_path)
    except httpx.TransportError:
        return False
    return answer.status_code == 200 and answer.headers.get("X-Cache-Status", "") not in NOT_HELD
