"""A viewer in Chromium: signed in, and asked what the player has seen."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.playback.platform import EMAIL, PASSWORD, Platform

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--autoplay-policy=no-user-gesture-required"]
WAIT_MS = 30_000


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def viewer(browser: Browser, platform: Platform) -> Iterator[Page]:
    """A page in a context of its own, in which the member has signed in and chosen a profile."""
    size = {"width": 1280, "height": 720}
    # It asks by `eval`, and certificates are the installation's own.
    context = browser.new_context(viewport=size, bypass_csp=True, ignore_https_errors=True)  # type: ignore[arg-type]
    try:
        sign_in(context, platform)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        yield page
    finally:
        context.close()


def sign_in(context: BrowserContext, platform: Platform) -> str:
    """Signs the context's browser in and chooses the profile; an access token for it."""
    answer = context.request.post(f"{platform.site}/v1/sign-in", data={"email": EMAIL, "password": PASSWORD})
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    profiles = context.request.get(f"{platform.site}/v1/profiles", headers=headers).json()["items"]
    if not profiles:
        profiles = [context.request.post(f"{platform.site}/v1/profiles", data={"name": "V"}, headers=headers).json()]
    choice = f"{platform.site}/v1/profiles/{profiles[0]['profile_id']}/choice"
    chosen = context.request.post(choice, data={}, headers=headers)
    assert chosen.ok
    kept = {"marquee.signed-in": "1", "marquee.profile": profiles[0]["profile_id"]}  # as the web app keeps them
    context.add_init_script(f"Object.entries({json.dumps(kept)}).forEach((each) => localStorage.setItem(...each))")
    return str(chosen.json()["access_token"])


def events(page: Page) -> list[dict[str, Any]]:
    """What the player has reported of this view so far."""
    found: list[dict[str, Any]] = page.evaluate("window.marquee ? window.marquee.events : []")
    return found


def buffered_s(page: Page) -> float:
    """Seconds from the picture on the screen to the end of what is loaded."""
    ahead: float = page.evaluate(
        """() => { const { video } = window.marquee, { buffered } = video;
        return buffered.length ? buffered.end(buffered.length - 1) - video.currentTime : 0; }"""
    )
    return ahead
