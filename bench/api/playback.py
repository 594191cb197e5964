"""The routes of playback: to open a session, to get its licence, to ask which edge is best.

Each is measured at an even rate beside the other routes: home pages, lists of titles, events. So is a route that does
nothing: what it takes is the machine's, and the load generator's, which share two cores with the API.
"""

import argparse
import asyncio
import json
import os
from collections.abc import Iterator
from itertools import count, cycle
from typing import Any

from bench.api import load
from bench.api.asking import Asked, Latency, ask, latency, steady
from bench.api.server import serving, sessions
from bench.figures import Figure
from bench.members.seeding import DEVICES, PROFILES, fill
from marquee.catalogue import releases, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import now
from marquee.content.drm.keys import new_key, wrap
from marquee.content.drm.licence import b64url
from marquee.contracts.keys import TrackType
from marquee.contracts.members import Member
from marquee.contracts.plan import DrmScheme
from marquee.contracts.release import AudioTrackRendition, Release, VideoRendition
from marquee.members.sign_in.log_in import access_token
from marquee.settings import settings

ACCOUNTS, TITLES, OPENED = 4_000, 200, 200
EVENTS_PER_S = 1_000
BESIDE = {"home pages": 50.0, "lists of titles": 20.0}  # requests per second of other routes meanwhile
BATCHES = count()  # so that no event comes twice
LIMITS_MS = {"session_start": ("p95", 25), "licence": ("p95", 20), "steering": ("p99", 5)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    wanted = float(os.environ.get("PLAYBACK_PER_S", "100"))
    parser.add_argument("--playback-per-s", type=float, default=wanted, help="sessions, licences, steering in turn")


def measure(arguments: argparse.Namespace) -> tuple[list[Figure], dict[str, Any]]:
    """The figures and everything they came from; needs a catalogue."""
    people = fill(accounts=ACCOUNTS, profiles=ACCOUNTS, progress=ACCOUNTS * 5, titles=TITLES)
    film = people.titles[0]
    kids, streams = protect(film), sessions(4)
    figures, details = [], {}
    with serving() as server:
        members = cycle(range(1, ACCOUNTS + 1))
        opened = asyncio.run(open_sessions(server.port, film, members))
        routes = {
            "session_start": starts(film, members),
            "licence": licences(opened, kids),
            "floor": (Asked("POST", "/v1/nothing", {}, {}) for _ in count()),
            "steering": (Asked("GET", f"/v1/steering/{each['session_id']}", {}) for each in cycle(opened)),
        }
        for name, asked in routes.items():
            _beside(server.port, asked, arguments.playback_per_s, streams, 2.0)
            found = _beside(server.port, asked, arguments.playback_per_s, streams, arguments.seconds)
            print(f"{name} at {arguments.playback_per_s:.0f}/s: {found}{_judged(name, found)}")
            figures += [Figure(f"api.{name}_p95_ms", found.p95, "ms"), Figure(f"api.{name}_p99_ms", found.p99, "ms")]
            details[name] = found._asdict()
    return figures, details


def _judged(name: str, found: Latency) -> str:
    if name not in LIMITS_MS:
        return ""
    which, limit_ms = LIMITS_MS[name]
    return f"; {which} below {limit_ms} ms: {'yes' if getattr(found, which) < limit_ms else 'no'}"


def protect(title_id: int) -> list[str]:
    """Give a title's release a protected picture and sound; the ids of their keys."""
    keys = {TrackType.HD: new_key(TrackType.HD), TrackType.AUDIO: new_key(TrackType.AUDIO)}
    with begin() as session:
        row = releases.get(session, titles.get(session, title_id).current_release_id or 0)
        for key in keys.values():
            wrapped = wrap(key, master=settings().secret("master_key"), release_id=row.id)
            releases.add_key(session, row.id, key.track, key.kid, wrapped)
        video = VideoRendition(
            name="h264-1080p", codec="h264", width=1920, height=1080, frame_rate="25", frames=135_000,
            bitrate_avg=4_000_000, bitrate_peak=6_000_000, vmaf_mean=95, vmaf_p5=90, kid=keys[TrackType.HD].kid,
        )  # fmt: skip
        audio = AudioTrackRendition(
            name="en-aac-2", codec="aac", language="en", role="main", channels=2, bitrate_avg=128_000,
            kid=keys[TrackType.AUDIO].kid,
        )  # fmt: skip
        change = {"scheme": DrmScheme.CBCS, "video": (video,), "audio": (audio,), "created_at": now()}
        row.document = Release.model_validate(row.document).model_copy(update=change).model_dump(mode="json")
    return [str(key.kid) for key in keys.values()]


def member_headers(account: int) -> dict[str, str]:
    return {"Authorization": f"Bearer {access_token(Member(account, DEVICES + account, PROFILES + account))}"}


def starts(title_id: int, members: Iterator[int]) -> Iterator[Asked]:
    """Wishes to play, each of the next account; with so many none has as many streams as its plan allows."""
    for n in count():
        headers = member_headers(next(members)) | {"Idempotency-Key": f"start {n}"}
        wish = {"title_id": str(title_id), "capabilities": {"codecs": ["h264"], "drm": ["org.w3.clearkey"]}}
        yield Asked("POST", "/v1/playback-sessions", headers, wish)


def licences(opened: list[dict[str, Any]], kids: list[str]) -> Iterator[Asked]:
    body = {"kids": [b64url(bytes.fromhex(kid)) for kid in kids], "type": "temporary"}
    for grant in cycle(opened):
        yield Asked("POST", "/v1/licences/clearkey", {"Authorization": f"Bearer {grant['drm']['token']}"}, body)


async def open_sessions(port: int, title_id: int, members: Iterator[int]) -> list[dict[str, Any]]:
    """Sessions that stand; what was granted to each."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    wishes = (each._replace(headers=each.headers | {"Idempotency-Key": "open"}) for each in starts(title_id, members))
    granted = [json.loads(await ask(reader, writer, next(wishes))) for _ in range(OPENED)]
    writer.close()
    return granted


def _beside(port: int, asked: Iterator[Asked], per_s: float, streams: list[int], seconds: float) -> Latency:
    """The latency of some requests beside others."""
    pages = (Asked("GET", f"/v1/profiles/{PROFILES + n}/rows", member_headers(n)) for n in cycle(range(1, 500)))
    lists = (Asked("GET", "/v1/titles?limit=24", {}) for _ in count())

    async def all_of_them() -> list[float]:
        left = iter(range(int(EVENTS_PER_S * seconds / load.BATCH)))
        found, *_, tally = await asyncio.gather(
            steady(port, asked, per_s, seconds),
            steady(port, pages, BESIDE["home pages"], seconds),
            steady(port, lists, BESIDE["lists of titles"], seconds),
            load.run(
                port, streams, going=lambda: next(left, None) is not None, events_per_s=EVENTS_PER_S, numbers=BATCHES
            ),
        )
        tally.whole()
        return found

    return latency(asyncio.run(all_of_them()))
