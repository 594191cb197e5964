"""Everything that can be played in Chromium: codec, encryption, manifest, one edge or two, with and without TLS."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Error, Page, Response

from bench.playback.browser import viewer
from bench.playback.platform import Platform, a_film, new_member, started

FILM_S = 16
SCHEMES, KINDS = ("none", "cenc", "cbcs"), ("dash", "hls")
CODECS = {"h264": "avc1", "vp9": "vp09", "av1": "av01"}  # and how manifests name them
TRACKS = """(codec) => window.marquee.player.getVariantTracks()
  .filter((each) => each.videoCodec.startsWith(codec)).sort((a, b) => a.height - b.height)"""
PICK = f"""([codec, which]) => {{
  const {{ player }} = window.marquee, tracks = ({TRACKS})(codec), chosen = tracks.at(which);
  player.configure("abr.enabled", false);
  player.selectVariantTrack(chosen, true);
  return chosen.height;
}}"""


@dataclass
class Play:
    """One way to play, and what went wrong."""

    codec: str
    scheme: str
    kind: str
    edges: int
    tls: bool
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        link = "TLS" if self.tls else "plain"
        said = "; ".join(self.faults) or "plays, switches, seeks, ends"
        return f"| {self.codec} | {self.scheme} | {self.kind} | {self.edges} | {link} | {said} |"


def measure(browser: Browser) -> list[Play]:
    """All of them, on one installation that is started anew for each way to reach it."""
    with TemporaryDirectory(prefix="marquee-bench-") as name:
        home, found = Path(name), list[Play]()
        films: dict[str, str] = {}
        for tls, edges in product((False, True), (2, 1)):
            with started(home, edges=edges, tls=tls) as platform:
                films = films or _films(platform, home)
                for scheme, kind, codec in product(SCHEMES, KINDS, CODECS):
                    play = Play(codec, scheme, kind, edges, tls)
                    _try(Platform(platform.settings, films[scheme]), browser, play)
                    print(play, flush=True)
                    found.append(play)
        return found


def _films(platform: Platform, home: Path) -> dict[str, str]:
    """A title for each scheme."""
    new_member(platform)
    film = a_film(home / "film.mp4", "1280x720", FILM_S)
    return {each: platform.publish(film, f"film-{each}", ladder="premium", scheme=each) for each in SCHEMES}


def _try(platform: Platform, browser: Browser, play: Play) -> None:
    with viewer(browser, platform) as page:
        page.on("pageerror", lambda error: play.faults.append(str(error)))
        page.on("response", lambda answer: play.faults.extend(_wrong(answer)))
        try:
            _play(page, platform, play)
        except Error as error:
            play.faults.append(error.message.splitlines()[0])


def _wrong(answer: Response) -> Iterator[str]:
    if answer.status >= 400:
        yield f"{answer.status} {answer.url.partition('?')[0].rsplit('/', 2)[-1]}"


def _play(page: Page, platform: Platform, play: Play) -> None:
    codec = CODECS[play.codec]
    page.goto(f"{platform.site}/watch/{platform.title_id}?manifest={play.kind}&restart")
    page.wait_for_function("window.marquee && window.marquee.video.currentTime > 0.3")
    for which in (0, -1):  # the lowest, then the tallest
        height = page.evaluate(PICK, [codec, which])
        page.wait_for_function(f"window.marquee.video.videoHeight === {height}")
        _moves(page)
    page.evaluate(f"window.marquee.video.currentTime = {0.7 * FILM_S}")
    page.wait_for_function(f"window.marquee.video.currentTime > {0.7 * FILM_S + 0.5}")
    page.wait_for_function("window.marquee.video.ended")
    events = page.evaluate(
        "window.marquee.events.filter(({ name }) => name === 'error').map(({ error }) => error.code)"
    )
    play.faults += [f"error {code}" for code in events]


def _moves(page: Page) -> None:
    at = page.evaluate("window.marquee.video.currentTime")
    page.wait_for_function(f"window.marquee.video.currentTime > {at + 0.5} || window.marquee.video.ended")


def table(plays: list[Play]) -> str:
    """Markdown."""
    head = ["| codec | encryption | manifest | edges | link | |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *map(str, plays)])
