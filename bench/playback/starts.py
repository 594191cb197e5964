"""How long it takes from the click to the first frame."""

import re
import statistics
from collections.abc import Callable

from playwright.sync_api import Locator, Page

from bench.playback.browser import events
from bench.playback.platform import FILM_S, Platform

LINK = {"bytes_per_s": 5_000_000 / 8, "latency_ms": 60}
Measure = Callable[[Platform, Page], float]


def fresh(platform: Platform, page: Page) -> float:
    """From the click on Play, on a title page that was just opened, in ms."""
    page.goto(f"{platform.site}/title/{platform.title_id}")
    play = _play(page)
    play.wait_for()
    play.dispatch_event("click")  # without the pointer on it beforehand
    return _first_frame_ms(page)


def preloaded(platform: Platform, page: Page) -> float:
    """The same after the pointer has rested on Play for a second."""
    page.goto(f"{platform.site}/title/{platform.title_id}")
    _play(page).hover()
    page.wait_for_timeout(1000)
    _play(page).click()
    return _first_frame_ms(page)


def resumed(platform: Platform, page: Page) -> float:
    """A fresh start at 40 % of the film."""
    page.goto(f"{platform.site}/watch/{platform.title_id}")
    page.wait_for_function("window.marquee && window.marquee.video.readyState > 1")
    page.evaluate(f"window.marquee.video.currentTime = {0.4 * FILM_S}")
    page.wait_for_function(f"window.marquee.video.currentTime > {0.4 * FILM_S + 0.5}")
    with page.expect_response("**/heartbeat"):
        page.get_by_role("button", name="Back to the title").click()
    return fresh(platform, page)


def throttled(platform: Platform, page: Page) -> float:
    """A fresh start over a link of 5 Mb/s and 60 ms."""
    network = page.context.new_cdp_session(page)
    page.goto(f"{platform.site}/title/{platform.title_id}")
    _play(page).wait_for()
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LINK["latency_ms"],
            "downloadThroughput": LINK["bytes_per_s"],
            "uploadThroughput": LINK["bytes_per_s"],
        },
    )
    _play(page).dispatch_event("click")
    return _first_frame_ms(page)


def quantiles(times_ms: list[float]) -> tuple[float, float]:
    """The median and the 95th hundredth."""
    return statistics.median(times_ms), statistics.quantiles(times_ms, n=20)[18]


def _play(page: Page) -> Locator:
    return page.get_by_role("link", name=re.compile("^(Play|Resume)"))


def _first_frame_ms(page: Page) -> float:
    page.wait_for_function("window.marquee && window.marquee.events.some((event) => event.name === 'firstframe')")
    at = {event["name"]: event["viewer_time_ms"] for event in reversed(events(page))}
    return float(at["firstframe"] - at["viewstart"])
