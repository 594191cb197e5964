"""Simulated viewers: each plays segments in real time from an edge, beats, reports; goes elsewhere when it fails."""

import asyncio
import itertools
import random
import ssl
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import httpx

from bench.chaos.film import SEGMENT_S, segment
from marquee.content.edge.client import resolved

AHEAD_S = 24.0  # of buffer, as the web app asks for at most
PATIENCE_S, BANNED_S = 2.5, 15.0  # with an edge or an API that does not answer
BEAT_S, REPORT_S, BATCH = 15.0, 8.0, 4
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=8, keepalive_expiry=20)
TRUSTED = ssl.create_default_context()  # made once: it takes longer than a client


@dataclass
class Seen:
    """What all viewers together have seen. Times are Unix s; `stalls` are (when, s, region of the viewer)."""

    segments: int = 0
    elsewhere: int = 0  # segments from another edge than the first one
    stalls: list[tuple[float, float, str]] = field(default_factory=list)
    lowest_s: float = AHEAD_S  # the least that was left in any buffer, once it had been full
    acknowledged: set[tuple[int, int]] = field(default_factory=set)  # (session, seq)
    sent_again: set[tuple[int, int]] = field(default_factory=set)  # an answer was missing, so it may be there twice
    signed_up: dict[str, float] = field(default_factory=dict)  # e-mail address and when it was acknowledged
    refused: Counter[str] = field(default_factory=Counter)  # answers that were no success, by status and place

    def refuse(self, answer: httpx.Response) -> None:
        place = "edge" if answer.url.path.startswith("/m/") else "API"
        self.refused[f"{answer.status_code} of {place}"] += 1


class Places:
    """Addresses in an order of preference; one that has failed comes last for a while."""

    def __init__(self, urls: list[str]) -> None:
        self._urls, self._banned = urls, dict.fromkeys(urls, 0.0)

    def ordered(self) -> list[str]:
        now = time.monotonic()
        return sorted(self._urls, key=lambda url: self._banned[url] > now)

    def ban(self, url: str) -> None:
        self._banned[url] = time.monotonic() + BANNED_S


def client() -> httpx.AsyncClient:
    """One for each viewer, as with players: a pool that many share goes through all its connections at each request."""
    return httpx.AsyncClient(limits=LIMITS, trust_env=False, verify=TRUSTED)


class Viewer:
    """One playback, from its start to when it is cancelled."""

    def __init__(self, number: int, region: str, apis: Places, client: httpx.AsyncClient, seen: Seen) -> None:
        self._number, self._region, self._apis, self._client, self._seen = number, region, apis, client, seen
        self._bearer, self._media, self._path = "", "", ""
        self.session_id = 0

    async def watch(self, member: dict[str, str], title_id: int, release_id: int) -> None:
        grant = await self._open(member, title_id)
        self.session_id, self._bearer, self._media = int(grant["session_id"]), grant["token"], grant["media"]["token"]
        self._path = f"{title_id}/{release_id}"
        edges = Places([str(resolved(edge["url"])) for edge in grant["edges"]])
        async with asyncio.TaskGroup() as group:
            group.create_task(self._play(edges))
            group.create_task(self._beat())
            group.create_task(self._report())

    async def leave(self) -> bool:
        """Say that the playback has ended; whether that was heard."""
        path, held = f"/v1/playback-sessions/{self.session_id}", {"Authorization": f"Bearer {self._bearer}"}
        return bool(await self.ask("DELETE", path, headers=held))

    async def ask(
        self, method: str, path: str, *, events: Collection[tuple[int, int]] = (), **words: Any
    ) -> httpx.Response | None:
        """The first success of any region's API; None where there is none at the moment.

        `events` are those that it reports: where an answer is missing, they may have been taken.
        """
        for url in self._apis.ordered():
            try:
                answer = await self._client.request(method, f"{url}{path}", timeout=PATIENCE_S, **words)
            except httpx.HTTPError:
                self._apis.ban(url)
                self._seen.sent_again |= set(events)
                continue
            if answer.is_success:
                return answer
            self._seen.refuse(answer)
        return None

    async def _open(self, member: dict[str, str], title_id: int) -> dict[str, Any]:
        headers = {**member, "Idempotency-Key": f"chaos {self._number}"}
        while True:
            wish = {"title_id": str(title_id)}
            if answer := await self.ask("POST", "/v1/playback-sessions", json=wish, headers=headers):
                found: dict[str, Any] = answer.json()
                return found
            await asyncio.sleep(1)

    async def _play(self, edges: Places) -> None:
        first, started, bought = edges.ordered()[0], 0.0, 0.0  # of playing: since when, and seconds that are there
        for number in itertools.count():
            url = await self._fetch(edges, number)
            self._seen.segments += 1
            self._seen.elsewhere += url != first
            now = time.monotonic()
            started = started or now
            bought += SEGMENT_S
            left = started + bought - SEGMENT_S - now  # when this segment came
            if number > AHEAD_S / SEGMENT_S:
                self._seen.lowest_s = min(self._seen.lowest_s, left)
                if left < 0:
                    self._seen.stalls.append((time.time(), -left, self._region))
            started += max(0.0, -left)
            await asyncio.sleep(max(0.0, started + bought - AHEAD_S - now))

    async def _fetch(self, edges: Places, number: int) -> str:
        """The edge that gave a segment, after as long as it takes."""
        while True:
            for url in edges.ordered():
                try:
                    path = f"{url}/m/{self._media}/{self._path}/{segment(number)}"
                    answer = await self._client.get(path, timeout=PATIENCE_S)
                    if answer.is_success:
                        return url
                    self._seen.refuse(answer)
                except httpx.HTTPError:
                    pass
                edges.ban(url)
            await asyncio.sleep(0.2)

    async def _beat(self) -> None:
        path, held = f"/v1/playback-sessions/{self.session_id}/heartbeat", {"Authorization": f"Bearer {self._bearer}"}
        await asyncio.sleep(random.uniform(0, BEAT_S))
        for number in itertools.count(1):
            body = {"position_ms": int(number * BEAT_S * 1000) % 600_000}
            if answer := await self.ask("POST", path, json=body, headers=held):
                self._media = answer.json()["token"]
            await asyncio.sleep(BEAT_S)

    async def _report(self) -> None:
        """Send batches of events, each until it is acknowledged."""
        await asyncio.sleep(random.uniform(0, REPORT_S))
        for first in itertools.count(0, BATCH):
            batch = [self._event(seq) for seq in range(first, first + BATCH)]
            ids = {(self.session_id, event["seq"]) for event in batch}
            while not await self.ask("POST", "/v1/events", events=ids, json={"events": batch}):
                await asyncio.sleep(2)
            self._seen.acknowledged |= ids
            await asyncio.sleep(REPORT_S)

    def _event(self, seq: int) -> dict[str, Any]:
        return {
            "version": 1, "session_id": str(self.session_id), "seq": seq, "name": "heartbeat",
            "viewer_time_ms": time.time_ns() // 1_000_000, "position_ms": seq * 1000 % 600_000,
            "rendition": "h264-360p", "bitrate": 80_000, "dropped_frames": 0, "edge": None, "error": None,
        }  # fmt: skip


async def sign_up(viewer: Viewer, seen: Seen, every_s: float) -> None:
    """Open accounts, one after the other; each address is tried once."""
    for number in itertools.count():
        email = f"new{number}@example.org"
        body = {"email": email, "password": "lantern over quiet water"}
        if await viewer.ask("POST", "/v1/accounts", json=body):
            seen.signed_up[email] = time.time()
        await asyncio.sleep(every_s)
