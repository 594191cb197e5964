"""A film in HDR10 from its plan to a package: metadata kept, SDR beside it, both manifests say which is which."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from marquee.content.delivery.probe import probe_media
from marquee.content.drm.keys import new_keys
from marquee.content.media.join import join_rendition, rendition_key
from marquee.content.media.made import made_by
from marquee.content.media.package import dash
from marquee.content.media.package.build import package
from marquee.content.media.package.check import check
from marquee.content.media.package.layout import Keys, protected_types
from marquee.content.media.package.sample_entry import with_boxes
from marquee.content.media.plan import jobs
from marquee.content.media.qc.inspect import lacking
from marquee.content.media.qc.profile import DEFAULT, profile
from marquee.content.media.scored import encode_scored
from marquee.content.media.thumbnails import make_thumbnails
from marquee.content.media.tone import peak_nits
from marquee.content.media.verify import verify_rendition
from marquee.contracts.errors import GateFailed
from marquee.contracts.hdr import LightLevel
from marquee.contracts.plan import Codec, DrmScheme, EncodePlan, Rung
from marquee.contracts.qc import Severity
from marquee.contracts.release import Thumbnails
from marquee.storage import Store
from marquee.tools.ffprobe import probe
from marquee.tools.hls import tags as tags_of
from tests.content.delivery.test_hdr import DISPLAY, LIGHT, PQ, X265, hdr10  # noqa: F401
from tests.content.dolby_vision import with_record
from tests.content.media.package.test_play import Media, browser  # noqa: F401
from tests.http_servers import HttpServer

MPD, MASTER = "dash/manifest.mpd", "hls/master.m3u8"
SIZE = {"width": 160, "height": 90, "crf": 30, "maxrate_kbps": 600}
RUNGS = (
    Rung(codec=Codec.H264, preset="ultrafast", **SIZE),
    Rung(codec=Codec.AV1, preset="11", **SIZE),
    Rung(codec=Codec.HEVC, preset="ultrafast", **SIZE),
)
NAMES = ["h264-90p", "av1-90p", "hevc-90p"]
TRANSFER = "urn:mpeg:mpegB:cicp:TransferCharacteristics"
# What a player would show, and whether what it may show and decodes plays.
CHOOSE = """async ([manifest, level]) => {
  const video = document.getElementById('v'), player = new shaka.Player();
  await player.attach(video);
  player.configure({preferredVideoHdrLevel: level, preferredVideoCodecs: ['av01', 'avc1']});
  const {RequestType} = shaka.net.NetworkingEngine;
  await player.load(manifest);
  const tracks = player.getVariantTracks(), active = tracks.find((track) => track.active);
  await new Promise((resolve) => {
    video.addEventListener('timeupdate', () => video.currentTime > 0.2 && resolve());
    video.play();
  });
  const answer = {active: active.hdr, codec: active.videoCodec, hdr: tracks.map((track) => track.hdr).sort()};
  await player.destroy();
  return answer;
}"""


@dataclass(frozen=True)
class Made:
    plan: EncodePlan
    work: Store
    folder: Path
    keys: Keys
    thumbnails: Thumbnails

    def gate(self) -> None:
        check(self.folder, self.plan, keys=self.keys, thumbnails=self.thumbnails)

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text()
        assert old in text
        (self.folder / path).write_text(text.replace(old, new))


Make = Callable[..., Made]


def encoded(plan: EncodePlan, mezzanine: Store, folder: Path) -> Make:
    """A film encoded once, to be packaged under a scheme."""
    work, scratch = Store(f"file://{folder}/work"), folder / "scratch"
    scratch.mkdir()
    for job in jobs(plan):
        encode_scored(plan, job, mezzanine, work, scratch)
    for n, rung in enumerate(plan.rungs):
        join_rendition(plan, rung, work, scratch)
        assert verify_rendition(plan, n, mezzanine, work, scratch).measure.vmaf_mean > 60
    thumbnails = make_thumbnails(plan, mezzanine, work, scratch)

    def packaged(scheme: str) -> Made:
        own = plan.model_copy(update={"scheme": DrmScheme(scheme)})
        keys, files = new_keys(protected_types(own)), made_by(own, work)
        release = package(own, files, folder / scheme, keys=keys, thumbnails=thumbnails, default_language="en")
        return Made(own, work, release, keys, thumbnails)

    return packaged


@pytest.fixture(scope="module")
def make(plan_of, small, hdr10: Path, mezzanine: Store, tmp_path_factory: pytest.TempPathFactory) -> Make:  # noqa: F811
    return encoded(small(plan_of(hdr10, profile="hdr"), *RUNGS), mezzanine, tmp_path_factory.mktemp("film"))


@pytest.fixture(scope="module")
def clear(make: Make) -> Made:
    return make("none")


@pytest.fixture
def copy(clear: Made, tmp_path: Path) -> Made:
    """The same, to be spoilt."""
    shutil.copytree(clear.folder, tmp_path / "release")
    return Made(clear.plan, clear.work, tmp_path / "release", clear.keys, clear.thumbnails)


def first_frame(path: Path) -> dict[str, Any]:
    (frame,) = probe(path, "-select_streams", "v", "-read_intervals", "%+#1", "-show_frames")["frames"]
    return frame


def said(side_data: list[dict[str, Any]]) -> set[str]:
    return {side["side_data_type"] for side in side_data}


STATIC = {"Mastering display metadata", "Content light level metadata"}


def test_the_plan_keeps_what_the_film_says(clear: Made) -> None:
    assert (clear.plan.picture.mastering, clear.plan.picture.light) == (DISPLAY, LIGHT)
    assert [clear.plan.picture.range_in(codec) for codec in Codec] == ["SDR", "SDR", "PQ", "PQ"]


def test_only_a_film_of_high_dynamic_range_gets_hevc(plan_of, hdr10: Path, make_clip) -> None:  # noqa: F811
    codecs = [{rung.codec for rung in plan_of(clip, profile="hdr").rungs} for clip in (hdr10, make_clip())]
    assert codecs == [{Codec.H264, Codec.AV1, Codec.HEVC}, {Codec.H264, Codec.AV1}]


def test_hevc_carries_the_metadata_in_its_stream_and_sdr_carries_none(clear: Made) -> None:
    h264, hevc = (first_frame(clear.work.fetch(rendition_key(clear.plan, RUNGS[n]))) for n in (0, 2))
    assert (hevc["pix_fmt"], hevc["color_transfer"], hevc["color_primaries"]) == ("yuv420p10le", "smpte2084", "bt2020")
    assert said(hevc["side_data_list"]) >= STATIC
    assert (h264["pix_fmt"], h264["color_transfer"], h264["color_primaries"]) == ("yuv420p", "bt709", "bt709")
    assert not STATIC & said(h264.get("side_data_list", []))


@pytest.mark.parametrize("scheme", ["cbcs", "cenc"])
def test_the_gates_pass_it_encrypted(scheme: str, make: Make) -> None:
    make(scheme).gate()


@pytest.mark.parametrize("name", NAMES)
def test_the_packaged_sample_entry_says_it(name: str, clear: Made, tmp_path: Path) -> None:
    """As ffprobe reads it, and to the last digit."""
    whole = tmp_path / "track.mp4"
    parts = ("init.mp4", "1.m4s")
    whole.write_bytes(b"".join((clear.folder / f"video/{name}" / part).read_bytes() for part in parts))
    (stream,) = probe(whole, "-show_streams")["streams"]
    found = {side["side_data_type"]: side for side in stream.get("side_data_list", [])}
    if name == NAMES[0]:
        assert not STATIC & found.keys()
        return
    display, light = found["Mastering display metadata"], found["Content light level metadata"]
    assert (display["red_x"], display["white_point_y"]) == ("34000/50000", "16450/50000")
    assert (display["max_luminance"], display["min_luminance"]) == ("10000000/10000", "50/10000")
    assert (light["max_content"], light["max_average"]) == (LIGHT.max_cll, LIGHT.max_fall)


def test_hls_says_the_range_of_each_variant(clear: Made) -> None:
    variants = tags_of((clear.folder / MASTER).read_text().splitlines(), "EXT-X-STREAM-INF")
    found = {tag["CODECS"][:4]: (tag["VIDEO-RANGE"], tag["CODECS"]) for tag in variants}
    assert {codec: video_range for codec, (video_range, _) in found.items()} == {
        "avc1": "SDR",
        "av01": "PQ",
        "hvc1": "PQ",
    }
    assert found["av01"][1].split(".")[3:] == ["10", "0", "110", "09", "16", "09", "0"]
    assert found["hvc1"][1].startswith("hvc1.2.4.")


def test_dash_makes_the_range_essential(clear: Made) -> None:
    root = dash.parse((clear.folder / MPD).read_bytes())
    found = {
        next(adaptation.iter(dash.q("Representation"))).get("codecs", "")[:4]: [
            (e.tag.removeprefix(f"{{{dash.MPD}}}"), e.get("value"))
            for e in adaptation
            if e.get("schemeIdUri") == TRANSFER
        ]
        for adaptation in root.iter(dash.q("AdaptationSet"))
        if adaptation.get("contentType") == "video"
    }
    essential = [("EssentialProperty", "16")]
    assert found == {"avc1": [("SupplementalProperty", "1")], "av01": essential, "hvc1": essential}


def test_hlg_is_signalled_as_such(plan_of, small, make_clip, mezzanine: Store, tmp_path: Path) -> None:
    """It has no static metadata, and its gates pass."""
    tags = PQ.replace("smpte2084", "arib-std-b67")
    extra = (*X265, "-x265-params", "log-level=none", "-vf", tags)
    clip = make_clip("hlg.mp4", seconds=0.4, size="160x90", audio=False, extra=extra)
    made = encoded(small(plan_of(clip, profile="hdr"), *RUNGS), mezzanine, tmp_path)("cbcs")
    made.gate()
    variants = tags_of((made.folder / MASTER).read_text().splitlines(), "EXT-X-STREAM-INF")
    assert [tag["VIDEO-RANGE"] for tag in variants] == ["SDR", "HLG", "HLG"]
    assert (made.folder / MPD).read_text().count(f'EssentialProperty schemeIdUri="{TRANSFER}" value="18"') == 2
    assert b"mdcv" not in (made.folder / "video/hevc-90p/init.mp4").read_bytes()


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        (MASTER, "VIDEO-RANGE=PQ", "VIDEO-RANGE=SDR", "wrong VIDEO-RANGE"),
        (MASTER, "VIDEO-RANGE=SDR", "VIDEO-RANGE=PQ", "wrong VIDEO-RANGE"),
        (MPD, f'EssentialProperty schemeIdUri="{TRANSFER}" value="16"', "Label", "another dynamic range"),
        (MPD, f'"{TRANSFER}" value="16"', f'"{TRANSFER}" value="18"', "another dynamic range"),
    ],
    ids=["HDR as SDR", "SDR as HDR", "not essential", "PQ as HLG"],
)
def test_the_gate_closes_on_a_wrong_range(path: str, old: str, new: str, message: str, copy: Made) -> None:
    copy.gate()
    copy.edit(path, old, new)
    with pytest.raises(GateFailed, match=message):
        copy.gate()


def test_the_gate_closes_on_lost_metadata(copy: Made) -> None:
    path = copy.folder / "video/av1-90p/init.mp4"
    path.write_bytes(with_boxes(path.read_bytes(), {"clli": bytes(4)}))
    with pytest.raises(GateFailed, match="wrong static HDR metadata"):
        copy.gate()


@pytest.mark.parametrize("manifest", [MPD, MASTER])
@pytest.mark.parametrize("level", ["SDR", "PQ"])
def test_a_player_shows_what_its_screen_can(manifest: str, level: str, clear: Made, browser: Any) -> None:  # noqa: F811
    """Chromium decodes AV1 and no HEVC."""
    media = HttpServer(partial(Media, directory=str(clear.folder))).start()
    page = browser.new_page()
    try:
        page.goto(f"http://localhost:{media.server_port}")
        answer = page.evaluate(CHOOSE, [f"http://localhost:{media.server_port}/{manifest}", level])
    finally:
        page.close()
        media.stop()
    assert answer["active"] == level
    assert answer["codec"].startswith("avc1" if level == "SDR" else "av01")


def test_qc_and_the_plan_say_that_dolby_vision_is_left_out(plan_of, hdr10: Path, tmp_path: Path) -> None:  # noqa: F811
    clip = with_record(hdr10, tmp_path / "dv.mp4", 8, 1)
    assert "Dolby Vision, profile 8.1: carried by its base layer, PQ" in plan_of(clip).notes
    columns = lacking(probe_media(clip), subtitles=False, silent=True)
    rule = profile(DEFAULT).rule("dolby_vision")
    assert rule.severity is Severity.WARN
    assert columns[rule.measure] == 8 > rule.max
    assert "carried by its base layer, PQ" in rule.says.format(**columns, value="8")
    assert rule.measure not in lacking(probe_media(hdr10), subtitles=False, silent=True)


def test_the_peak_is_the_films_where_it_is_believed(clear: Made) -> None:
    picture = clear.plan.picture

    def peak(cll: int | None) -> float:
        light = LightLevel(max_cll=cll, max_fall=1) if cll is not None else None
        return peak_nits(picture.model_copy(update={"light": light}))

    assert [peak(cll) for cll in (987, 0, None, 3, 60_000)] == [987, 1000, 1000, 400, 10_000]
    assert peak_nits(picture.model_copy(update={"light": None, "mastering": None})) == 1000
