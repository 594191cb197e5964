"""Our player and Shaka's defaults on the same journeys: what they show, how often it changes, how long it stands still.

The link is Chromium's own network emulation, changed every second. A network namespace with `tc` would be nearer to the
wire, but needs root and kernel modules that containers lack, and would slow down the API's other users.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request

from bench.encode import loop_command
from bench.playback.browser import WAIT_MS, sign_in
from bench.playback.links import Second, trace
from bench.playback.platform import Platform
from bench.stack import ROOT
from marquee.contracts.errors import Unavailable
from marquee.demo import sample
from marquee.tools.process import run

FILM_S = 120
SPARE_S = 600  # of a journey, for a lap that stands still
PEER_EVERY = 3  # laps of which Shaka plays the first
SHAKA = ROOT / "web/node_modules/shaka-player/dist/shaka-player.compiled.js"
SEGMENT = re.compile(r"/video/([^/]+)/(\d+)\.m4s")
# Ten times a second: has the picture moved? What the player itself counts differs from player to player.
WATCH = """() => {
  const seen = (window.seen = { played: 0, stood: 0, stalls: 0, ended: false, failed: null });
  let [at, before, still] = [0, performance.now(), 0];
  setInterval(() => {
    const video = window.marquee?.video, now = performance.now(), passed = (now - before) / 1000;
    before = now;
    if (!video || video.currentTime < 0.1 || seen.ended) return;
    seen.ended = video.ended;
    const moved = video.currentTime > at + 0.01;
    at = video.currentTime;
    if (moved) {
      if (still > 0.25) { seen.stood += still; seen.stalls += 1; } else seen.played += still;
      still = 0;
      seen.played += passed;
    } else still += passed;
  }, 100);
}"""
BARE = '<style>body{margin:0}video{width:100vw;height:100vh}</style><video id="video"></video>'
PLAY_BARE = """async ({ manifest, server, token }) => {
  shaka.polyfill.installAll();
  const video = document.getElementById("video"), player = new shaka.Player();
  window.marquee = { video, player };
  await player.attach(video);
  player.configure("drm.servers", { "org.w3.clearkey": server });
  player.getNetworkingEngine().registerRequestFilter((type, request) => {
    if (type !== shaka.net.NetworkingEngine.RequestType.LICENSE || !request.uris[0].startsWith("http")) return;
    request.uris = [server];
    request.headers.Authorization = `Bearer ${token}`;
  });
  player.addEventListener("error", ({ detail }) => (window.seen.failed = detail.code));
  await player.load(manifest);
  await video.play();
}"""


@dataclass
class Viewing:
    """What one player showed over all laps. `shown` is the rendition of each segment that was played, in order."""

    played_s: float = 0
    stood_s: float = 0
    stalls: int = 0
    shown: list[list[str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def rebuffering(self) -> float:
        return self.stood_s / (self.played_s + self.stood_s)

    def vmaf(self, measured: dict[str, float], every: int = 1) -> float:
        """The mean over all segments of the first of so many laps; they are of one length but for the last."""
        return fmean(measured[name] for lap in self.shown[::every] for name in lap)

    @property
    def switches(self) -> int:
        return sum(a != b for lap in self.shown for a, b in pairwise(lap))


Start = Callable[[Page, BrowserContext, Platform], None]


def ours(page: Page, _: BrowserContext, platform: Platform) -> None:
    """The web app."""
    page.goto(f"{platform.site}/watch/{platform.title_id}?restart", wait_until="commit")
    page.evaluate(WATCH)


def defaults(page: Page, context: BrowserContext, platform: Platform) -> None:
    """Shaka as it comes, on an empty page of the same site, with a session like any other.

    The page comes from the site itself: Chromium lets no other one ask servers of this machine.
    """
    page.goto(f"{platform.site}/v1/titles")
    page.evaluate("(html) => void (document.documentElement.innerHTML = html)", BARE)
    page.add_script_tag(path=SHAKA)
    token = sign_in(context, platform)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(time.time_ns())}
    wish = {"title_id": platform.title_id, "capabilities": {"codecs": [], "drm": ["org.w3.clearkey"]}}
    answer = context.request.post(f"{platform.site}/v1/playback-sessions", data=wish, headers=headers)
    grant: dict[str, Any] = answer.json()
    server = grant["drm"]["servers"]["org.w3.clearkey"]
    page.evaluate(WATCH)
    manifest = next(each["url"] for each in grant["manifests"] if each["type"] == "application/dash+xml")
    page.evaluate(
        f"(wish) => void ({PLAY_BARE})(wish)", {"manifest": manifest, "server": server, "token": grant["token"]}
    )


PLAYERS: dict[str, Start] = {"ours": ours, "shaka": defaults}


def publish(platform: Platform) -> tuple[Platform, dict[str, float]]:
    """The sample film in the standard ladder, and the measured VMAF of each rendition."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        slug = sample.deliver(folder)
        film, looped = folder / slug / f"{slug}.mp4", folder / "journey.mp4"
        run(loop_command(film, -(-FILM_S // sample.SECONDS) - 1, looped), timeout_s=600)
        title_id = platform.publish(looped, "journey", ladder="standard")
    replica = Path(next(iter(platform.settings.origins.values())).removeprefix("file://"))
    (release,) = (replica / title_id).glob("*/release.json")
    measured = {each["name"]: each["vmaf_mean"] for each in json.loads(release.read_text())["video"]}
    return Platform(platform.settings, title_id), measured


def measure(platform: Platform, browser: Browser, minutes: float, seed: int) -> dict[str, Viewing]:
    """Laps of the film over one journey of some minutes, some of them by both players from the same second on."""
    laps = max(1, round(minutes * 60 / FILM_S))
    journey = trace(laps * FILM_S + SPARE_S, seed)
    found = {name: Viewing() for name in PLAYERS}
    with screens(browser, platform) as pages:
        for lap in range(laps):
            for name, start in PLAYERS.items():
                if name != "ours" and lap % PEER_EVERY:
                    continue
                watch(pages[name], platform, start, journey[lap * FILM_S :], found[name])
                if not found[name].played_s:
                    raise Unavailable("nothing was played", where=name, got=", ".join(found[name].failures))
                print(f"lap {lap + 1} of {laps}, {name}: {found[name].stood_s:.1f} s of standing so far", flush=True)
    return found


@contextmanager
def screens(browser: Browser, platform: Platform) -> Iterator[dict[str, Page]]:
    """A page for each player, which remembers what it has learnt from lap to lap."""
    contexts = []
    for _ in PLAYERS:
        context = browser.new_context(viewport={"width": 1280, "height": 720}, bypass_csp=True)
        sign_in(context, platform)
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
    yield {name: context.new_page() for name, context in zip(PLAYERS, contexts, strict=True)}
    for context in contexts:
        context.close()


def watch(page: Page, platform: Platform, start: Start, journey: list[Second], found: Viewing) -> None:
    """Play the film once over a link."""
    fetched: dict[int, str] = {}

    def keep(request: Request) -> None:
        if segment := SEGMENT.search(request.url):
            fetched[int(segment[2])] = segment[1]  # of one that is fetched again the last is shown

    page.on("requestfinished", keep)
    network = page.context.new_cdp_session(page)
    link = _over(network, page, journey)
    next(link)
    start(page, page.context, platform)
    seen: dict[str, Any] = {}
    for _ in link:
        seen = page.evaluate("window.seen ?? {}")
        if seen.get("ended") or seen.get("failed") or page.get_by_role("alert").count():
            break
    page.remove_listener("requestfinished", keep)
    if not seen.get("ended"):
        found.failures.append(str(seen.get("failed") or "did not reach the end"))
    found.played_s += seen.get("played", 0)
    found.stood_s += seen.get("stood", 0)
    found.stalls += seen.get("stalls", 0)
    found.shown.append([fetched[n] for n in sorted(fetched)])
    page.goto("about:blank")
    network.detach()


def _over(network: Any, page: Page, journey: list[Second]) -> Iterator[Second]:
    """Sets the link anew each second, by the clock."""
    network.send("Network.enable")
    begun = time.monotonic()
    for n, second in enumerate(journey):
        rate = second.kbps * 1000 / 8
        network.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": second.latency_ms, "downloadThroughput": rate, "uploadThroughput": rate},
        )
        yield second
        page.wait_for_timeout(max(0, (begun + n + 1 - time.monotonic()) * 1000))
