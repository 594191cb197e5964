"""When the largest part of a page stands on a phone (https://www.w3.org/TR/largest-contentful-paint/)."""

from collections.abc import Callable
from typing import Any, NamedTuple

from playwright.sync_api import Browser, BrowserContext

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "ignore_https_errors": True,  # certificates are the installation's own
}
LINK = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
SLOWER = 4  # times as the processor is
QUIET_MS = 60_000
OBSERVE = """
    window.painted = [];
    new PerformanceObserver((list) => {
        for (const { startTime, url, element } of list.getEntries())
            window.painted.push({ ms: startTime, what: url.split("/").slice(-2).join("/") || element?.tagName || "" });
    }).observe({ type: "largest-contentful-paint", buffered: true });
"""
LOADED = """() => performance.getEntries().reduce((sum, entry) => sum + (entry.transferSize ?? 0), 0) / 1000"""


class Painted(NamedTuple):
    """The largest paint, ms after the page was asked for, what it was of, and what had come by the end."""

    ms: float
    what: str
    kilobytes: float


def first_visit(browser: Browser, site: str, prepare: Callable[[BrowserContext], object]) -> Painted:
    """The home page in a browser that has nothing of it yet."""
    context = browser.new_context(**PHONE)
    try:
        prepare(context)
        context.add_init_script(OBSERVE)
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", LINK)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(f"{site}/")
        page.locator(".hero h1").wait_for(timeout=QUIET_MS)
        page.wait_for_load_state("networkidle", timeout=QUIET_MS)
        last = page.evaluate("window.painted.at(-1)")
        return Painted(last["ms"], last["what"], page.evaluate(LOADED))
    finally:
        context.close()
