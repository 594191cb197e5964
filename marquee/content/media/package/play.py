"""Plays packaged tracks in Chromium, each by itself: Media Source and Encrypted Media Extensions, and no player."""

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marquee.content.media.package.check_dash import load
from marquee.content.media.package.check_hls import key_tags
from marquee.content.media.package.dash import q
from marquee.content.media.package.hls_media import durations
from marquee.content.media.package.layout import Keys, Track
from marquee.contracts.errors import GateFailed, Unavailable
from marquee.contracts.plan import DrmScheme

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

SITE = "https://release.invalid"  # of a secure context, as EME demands; nothing leaves the process
FLAGS = ("--no-sandbox", "--disable-gpu", "--mute-audio", "--autoplay-policy=no-user-gesture-required")
PLAY = """async ({init, runs, type, kind, scheme, keys}) => {
  if (!MediaSource.isTypeSupported(type)) return {unsupported: true};
  const video = document.querySelector('video'), source = new MediaSource();
  const once = (target, name) => new Promise((resolve, reject) => {
    target.addEventListener(name, resolve, {once: true});
    video.addEventListener('error', () => reject(new Error(video.error.message)), {once: true});
    setTimeout(() => reject(new Error(`no ${name} in 20 s`)), 20000);
  });
  if (keys.length) {
    const wanted = {contentType: type, encryptionScheme: scheme};
    const access = await navigator.requestMediaKeySystemAccess('org.w3.clearkey',
      [{initDataTypes: ['cenc'], [`${kind}Capabilities`]: [wanted]}]);
    const media = await access.createMediaKeys(), session = media.createSession();
    await video.setMediaKeys(media);
    session.addEventListener('message', () => session.update(new TextEncoder().encode(JSON.stringify({keys}))));
    video.addEventListener('encrypted', (e) => session.generateRequest(e.initDataType, e.initData), {once: true});
  }
  video.src = URL.createObjectURL(source);
  await once(source, 'sourceopen');
  const buffer = source.addSourceBuffer(type);
  const append = async (url) => {
    const done = once(buffer, 'updateend');
    buffer.appendBuffer(await (await fetch(url)).arrayBuffer());
    await done;
  };
  await append(init);
  for (const {urls, at} of runs) {
    for (const url of urls) await append(url);
    const {buffered} = buffer, n = [...Array(buffered.length).keys()].find((i) => buffered.end(i) > at + 0.1);
    const start = Math.max(at, buffered.start(n)), until = Math.min(start + 0.5, buffered.end(n) - 0.1);
    video.currentTime = start;
    await video.play();
    while (video.currentTime < until) await once(video, 'timeupdate');
    video.pause();
  }
  return {frames: video.getVideoPlaybackQuality().totalVideoFrames, bytes: video.webkitAudioDecodedByteCount};
}"""
RUN = 2  # segments of which half a second is played: at the beginning, over a change of keys, at the end
BEFORE_S = 0.25  # a change


@contextmanager
def chromium() -> Iterator["Browser"]:
    """A browser. Raises Unavailable where there is no Chromium, or nothing to steer it by."""
    path = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise Unavailable("playing needs the package playwright", where="--play") from None
    if path is None:
        raise Unavailable("playing needs Chromium", where="--play", expected="the program chromium on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def check_plays(browser: "Browser", release: Path, track: Track, scheme: DrmScheme, keys: Keys) -> bool:
    """Play a track's first and last segments. False where this Chromium does not know its codec. Raises GateFailed."""
    from playwright.sync_api import Error

    page = browser.new_page()
    try:
        page.route(f"{SITE}/**", lambda route: _answer(route, release))
        page.goto(f"{SITE}/")
        got = page.evaluate(PLAY, _asked(release, track, scheme, keys))
    except Error as error:
        raise GateFailed("does not play in Chromium", where=track.folder, got=error.message[:300]) from None
    finally:
        page.close()
    if not got.get("unsupported") and not got["frames" if track.kind == "video" else "bytes"]:
        raise GateFailed("nothing was decoded in Chromium", where=track.folder)
    return not got.get("unsupported")


def _answer(route: "Route", release: Path) -> None:
    path = release / route.request.url.removeprefix(f"{SITE}/")
    if path.is_file():
        route.fulfill(body=path.read_bytes(), content_type="video/mp4")
    else:
        route.fulfill(body="<!doctype html><video></video>", content_type="text/html")


def _asked(release: Path, track: Track, scheme: DrmScheme, keys: Keys) -> dict[str, Any]:
    addresses = [f"/{path.relative_to(release).as_posix()}" for path in track.segments(release)]
    protected = [] if scheme is DrmScheme.NONE else keys[track.protection].periods
    return {
        "init": f"/{track.init()}",
        "runs": _runs(addresses, (release / track.playlist).read_text()),
        "type": _type(release, track),
        "kind": track.kind,
        "scheme": scheme.value,
        "keys": [{"kty": "oct", "kid": _b64(bytes.fromhex(k.kid)), "k": _b64(k.reveal())} for k in protected],
    }


def _runs(addresses: list[str], playlist: str) -> list[dict[str, Any]]:
    """What is fetched and where playing begins, in seconds: at the beginning, over each change of keys, at the end."""
    begins = [0.0, *accumulate(durations(playlist))]
    changes = sorted({number for number, _ in key_tags(playlist)} - {1})
    last = max(0, len(addresses) - RUN)
    return [
        {"urls": addresses[:RUN], "at": 0.0},
        *({"urls": addresses[n - RUN :][:RUN], "at": begins[n - 1] - BEFORE_S} for n in changes),
        {"urls": addresses[last:], "at": begins[last]},
    ]


def _type(release: Path, track: Track) -> str:
    """As the MPD says it."""
    for representation in load(release).iter(q("Representation")):
        for template in representation.findall(q("SegmentTemplate")):
            if template.get("initialization") == f"../{track.init()}":
                return f'{representation.get("mimeType")}; codecs="{representation.get("codecs")}"'
    raise GateFailed("not in the manifest", where=track.folder)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
