"""Both manifests play in a real browser, with the licence server elsewhere than the media and named by the player."""

from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from marquee.content.drm.licence import licence, parse_request
from marquee.contracts.plan import DrmScheme
from tests.http_servers import HttpServer

Packaged = Any
SHAKA = Path(__file__).resolve().parents[4] / "web/node_modules/shaka-player/dist/shaka-player.compiled.js"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--mute-audio"]
FLAGS += ["--autoplay-policy=no-user-gesture-required", "--no-first-run", "--disable-component-update"]
PAGE = b'<!doctype html><title>player</title><video id="v" width="320"></video><script src="/shaka.js"></script>'
PLAY = """async ([manifest, keyServer, codec]) => {
  const video = document.getElementById('v'), player = new shaka.Player();
  await player.attach(video);
  player.configure({preferredAudioCodecs: codec ? [codec] : []});
  player.configure({abr: {enabled: false}, drm: {servers: {'org.w3.clearkey': keyServer + '/licence'}}});
  const {RequestType} = shaka.net.NetworkingEngine;
  player.getNetworkingEngine().registerRequestFilter((type, request) => {
    if (type === RequestType.KEY) request.uris = request.uris.map((uri) => keyServer + new URL(uri).pathname);
  });
  const reach = (seconds) => new Promise((resolve, reject) => {
    player.addEventListener('error', (event) => reject(new Error('Shaka error ' + event.detail.code)));
    video.addEventListener('timeupdate', () => video.currentTime >= seconds && resolve());
  });
  await player.load(manifest);
  const tracks = player.getVariantTracks(), first = tracks.find((track) => track.active).label;
  const seen = [];
  for (const [height, until] of [[180, 0.4], [720, 0.9]]) {
    player.selectVariantTrack(tracks.find((t) => t.height === height && t.channelsCount === 2), true);
    video.play();
    await reach(until);
    seen.push(video.videoHeight);
  }
  const frames = video.getVideoPlaybackQuality().totalVideoFrames, sound = video.webkitAudioDecodedByteCount;
  const heard = player.getVariantTracks().find((track) => track.active).audioCodec;
  const answer = {first, seen, frames, sound, heard, scheme: player.drmInfo() && player.drmInfo().encryptionScheme,
    text: player.getTextTracks().length, images: player.getImageTracks().length,
    thumbnail: (await player.getThumbnails(player.getImageTracks()[0].id, 5.5)).uris[0]};
  await player.destroy();
  return answer;
}"""


PLAY_CODEC = """async ([manifest, codec]) => {
  const video = document.getElementById('v'), player = new shaka.Player();
  await player.attach(video);
  player.configure({abr: {enabled: false}, preferredVideoCodecs: [codec]});
  const reach = (seconds) => new Promise((resolve, reject) => {
    player.addEventListener('error', (event) => reject(new Error('Shaka error ' + event.detail.code)));
    video.addEventListener('timeupdate', () => video.currentTime >= seconds && resolve());
  });
  await player.load(manifest);
  video.play();
  await reach(0.5);
  const active = player.getVariantTracks().find((track) => track.active);
  const answer = [active.videoCodec.split(".")[0], video.getVideoPlaybackQuality().totalVideoFrames];
  await player.destroy();
  return answer;
}"""


PLAY_OVER = """async ([manifest, keyServer]) => {
  const video = document.getElementById('v'), player = new shaka.Player();
  await player.attach(video);
  player.configure({abr: {enabled: false}, drm: {servers: {'org.w3.clearkey': keyServer + '/licence'}}});
  const {RequestType} = shaka.net.NetworkingEngine;
  player.getNetworkingEngine().registerRequestFilter((type, request) => {
    if (type === RequestType.KEY) request.uris = request.uris.map((uri) => keyServer + new URL(uri).pathname);
  });
  const reached = new Promise((resolve, reject) => {
    player.addEventListener('error', (event) => reject(new Error('Shaka error ' + event.detail.code)));
    video.addEventListener('timeupdate', () => video.currentTime >= 4.4 && resolve());
  });
  await player.load(manifest, 1.7);
  video.playbackRate = 2;
  video.play();
  await reached;
  const frames = video.getVideoPlaybackQuality().totalVideoFrames;
  await player.destroy();
  return frames;
}"""


class Media(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        own = {"/": PAGE, "/shaka.js": SHAKA.read_bytes()}
        if self.path not in own:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if self.path.endswith("js") else "text/html")
        self.end_headers()
        self.wfile.write(own[self.path])

    def log_message(self, *_: object) -> None: ...


def key_server(release: Packaged, asked: list[str]) -> HttpServer:
    entitled = {key.kid: key for first in release.keys.values() for key in first.periods}

    class Keys(BaseHTTPRequestHandler):
        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Access-Control-Allow-Headers", "*")
            self.end_headers()
            self.wfile.write(body)

        def do_OPTIONS(self) -> None:
            self._answer(b"")

        def do_GET(self) -> None:
            asked.append(self.path)
            self._answer(entitled[self.path.rsplit("/", 1)[1]].reveal())

        def do_POST(self) -> None:
            asked.append(self.path)
            kids = parse_request(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(licence(kids, entitled))

        def log_message(self, *_: object) -> None: ...

    return HttpServer(Keys).start()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not (SHAKA.is_file() and CHROMIUM.is_file()):
        pytest.skip("needs Chromium and the web app's packages (npm ci in web/)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield running
        running.close()


def play(browser: Any, release: Packaged, manifest: str, asked: list[str], codec: str = "", script: str = PLAY) -> Any:
    """What the page says of a second of a release; `asked` gets what was asked of the key server."""
    media, keys = HttpServer(partial(Media, directory=str(release.folder))).start(), key_server(release, asked)
    page = browser.new_page()
    try:
        origin = f"http://localhost:{media.server_port}"
        page.goto(origin)
        asking = [f"{origin}/{manifest}", f"http://localhost:{keys.server_port}", codec]
        return page.evaluate(script, asking)
    finally:
        page.close()
        for server in (media, keys):
            server.stop()


@pytest.mark.parametrize("manifest", ["dash/manifest.mpd", "hls/master.m3u8"])
@pytest.mark.parametrize("scheme", [DrmScheme.CBCS, DrmScheme.CENC])
def test_it_plays(browser: Any, packaged: Callable[[DrmScheme], Packaged], scheme: DrmScheme, manifest: str) -> None:
    release, asked = packaged(scheme), list[str]()
    answer = play(browser, release, manifest, asked)
    assert answer["first"] == "English"  # not the described sound, which the plan lists first
    assert answer["seen"] == [180, 720]
    assert answer["frames"] > 10
    assert answer["sound"] > 0
    assert answer["scheme"] == scheme.value
    assert (answer["text"], answer["images"]) == (4, 1)
    assert answer["thumbnail"].endswith("/thumbs/2.jpg")
    fetched = sorted(f"/v1/licences/keys/{key.kid}" for key in release.keys.values())
    assert sorted(asked) == (["/licence"] if manifest.endswith("mpd") else fetched)


@pytest.mark.parametrize(
    ("scheme", "manifest"), [(DrmScheme.CBCS, "hls/master.m3u8"), (DrmScheme.CENC, "dash/manifest.mpd")]
)
def test_a_player_gets_past_changes_of_keys(
    browser: Any, packaged: Callable[..., Packaged], scheme: DrmScheme, manifest: str
) -> None:
    release, asked = packaged(scheme, 1), list[str]()
    assert play(browser, release, manifest, asked, script=PLAY_OVER) > 40
    kids = {key.kid for first in release.keys.values() for key in first.periods}
    if manifest.endswith("mpd"):
        assert asked == ["/licence"]
    else:  # those of the sound and of the picture that plays, of all periods
        assert len(set(asked)) == 2 * 3
        assert set(asked) <= {f"/v1/licences/keys/{kid}" for kid in kids}


@pytest.mark.parametrize("manifest", ["dash/manifest.mpd", "hls/master.m3u8"])
def test_opus_plays_where_it_is_preferred(
    browser: Any, packaged: Callable[[DrmScheme], Packaged], manifest: str
) -> None:
    answer = play(browser, packaged(DrmScheme.CBCS), manifest, [], codec="opus")
    assert answer["heard"] == "opus"
    assert answer["sound"] > 0
    assert answer["seen"] == [180, 720]


@pytest.mark.parametrize("manifest", ["dash/manifest.mpd", "hls/master.m3u8"])
@pytest.mark.parametrize("codec", ["avc1", "vp09", "av01"])
def test_every_codec_plays(browser: Any, packaged: Callable[[DrmScheme], Packaged], codec: str, manifest: str) -> None:
    """In the clear, so that the codec alone is in question."""
    media = HttpServer(partial(Media, directory=str(packaged(DrmScheme.NONE).folder))).start()
    page = browser.new_page()
    try:
        origin = f"http://localhost:{media.server_port}"
        page.goto(origin)
        played, frames = page.evaluate(PLAY_CODEC, [f"{origin}/{manifest}", codec])
    finally:
        page.close()
        media.stop()
    assert played == codec
    assert frames > 5
