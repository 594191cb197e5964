"""Kills a server while a film plays, and looks whether the viewer notices."""

import time
from dataclasses import dataclass, field

from playwright.sync_api import Page

from bench.playback.browser import buffered_s, events
from bench.playback.platform import Platform
from marquee.contracts.errors import Unavailable
from marquee.embedded.processes import wait_until

BUFFER_S = 12  # ahead of the picture when the server dies, and kept so low that it is needed at once
AWAY_S = 25  # longer than the buffer: who does not go elsewhere runs dry
RETURN_S = 90


@dataclass
class Fault:
    """What one death of a server did."""

    server: str
    rebuffered: int = 0
    errors: list[str] = field(default_factory=list)
    returned_s: float | None = None  # until the player was back at the edge that had died


def kill(platform: Platform, page: Page, server: str) -> Fault:
    """Stop a server for AWAY_S seconds while the film plays. `edge` stands for the edge that serves the player."""
    page.goto(f"{platform.site}/watch/{platform.title_id}?restart")
    page.wait_for_function("window.marquee && window.marquee.video.currentTime > 1")
    page.evaluate(f"window.marquee.player.configure('streaming.bufferingGoal', {BUFFER_S})")
    if not wait_until(lambda: buffered_s(page) <= BUFFER_S + 4, 60):
        raise Unavailable("the player keeps more ahead than it was told to", got=f"{buffered_s(page):.0f} s")
    serving = _edge(page)
    name = serving if server == "edge" else server
    fault, known = Fault(server), len(events(page))
    with platform.without(name):
        page.wait_for_timeout(AWAY_S * 1000)
    begun = time.monotonic()
    if server == "edge":
        while _edge(page) != serving and time.monotonic() - begun < RETURN_S:
            page.wait_for_timeout(250)
        fault.returned_s = time.monotonic() - begun if _edge(page) == serving else None
    after = events(page)[known:]
    fault.rebuffered = sum(event["name"] == "rebufferstart" for event in after)
    fault.errors = [event["error"]["code"] for event in after if event["name"] == "error" and event["error"]["fatal"]]
    return fault


def _edge(page: Page) -> str:
    """The edge that the last segment came from."""
    return str(page.evaluate("window.marquee.events.findLast((event) => event.edge)?.edge ?? ''"))
