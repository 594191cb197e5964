"""What intake sees of high dynamic range: static metadata wherever it stands, and Dolby Vision by its record."""

from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.content.delivery.intake import take
from marquee.content.delivery.probe import probe_media
from marquee.contracts.errors import DeliveryRefused
from marquee.contracts.hdr import DolbyVision, LightLevel, MasteringDisplay
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run
from tests.content.dolby_vision import with_record

DISPLAY = MasteringDisplay(
    red=(34000, 16000),
    green=(13250, 34500),
    blue=(7500, 3000),
    white=(15635, 16450),
    max_luminance=10_000_000,
    min_luminance=50,
)
LIGHT = LightLevel(max_cll=987, max_fall=321)
MASTER = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=987,321"
PQ = "format=yuv420p10le,setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv"
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1")


@pytest.fixture(scope="session")
def hdr10(make_clip: Callable[..., Path]) -> Path:
    """HDR10 whose metadata stands in the coded picture alone."""
    extra = (*X265, "-x265-params", f"log-level=none:{MASTER}", "-vf", PQ)
    return make_clip("hdr10.mp4", seconds=0.4, size="160x90", audio=False, extra=extra)


@pytest.fixture(scope="session")
def untagged(make_clip: Callable[..., Path]) -> Path:
    extra = (*X265, "-x265-params", "log-level=none", "-vf", "format=yuv420p10le")
    return make_clip("untagged.mp4", seconds=0.4, size="160x90", audio=False, extra=extra)


def test_metadata_of_the_coded_picture(hdr10: Path) -> None:
    picture = probe_media(hdr10).picture
    assert (picture.mastering, picture.light) == (DISPLAY, LIGHT)
    assert picture.dolby_vision is None


@pytest.mark.parametrize("name", ["boxes.mp4", "elements.mkv"])
def test_metadata_of_the_container(name: str, hdr10: Path, tmp_path: Path) -> None:
    """Encoded again, ffmpeg writes into the container what the picture said; VP9's stream cannot hold it."""
    again = tmp_path / name
    vp9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt", "yuv420p10le"]
    run([ffmpeg(), "-v", "error", "-i", str(hdr10), *vp9, str(again)], timeout_s=60)
    picture = probe_media(again).picture
    assert (picture.mastering, picture.light) == (DISPLAY, LIGHT)


def test_a_picture_that_ffprobe_cannot_decode_is_no_reason_to_refuse(hdr10: Path, tmp_path: Path) -> None:
    clip = tmp_path / "av1.mp4"
    av1 = ["-vf", "sidedata=mode=delete", "-c:v", "libsvtav1", "-preset", "12", "-pix_fmt", "yuv420p10le"]
    run([ffmpeg(), "-v", "error", "-i", str(hdr10), *av1, str(clip)], timeout_s=60)
    picture = probe_media(clip).picture
    assert (picture.codec, picture.transfer, picture.mastering) == ("av1", "smpte2084", None)


def test_a_film_without_high_dynamic_range_has_none(film: Path) -> None:
    picture = probe_media(film).picture
    assert (picture.mastering, picture.light, picture.dolby_vision) == (None, None, None)


@pytest.mark.parametrize(
    ("compatibility", "transfer", "primaries"),
    [(1, "smpte2084", "bt2020"), (2, "bt709", "bt709"), (4, "arib-std-b67", "bt2020")],
)
def test_dolby_vision_with_a_base_is_taken_by_it(
    compatibility: int,
    transfer: str,
    primaries: str,
    untagged: Path,
    deliver: Callable[..., Path],
    mezzanine: Store,
    tmp_path: Path,
) -> None:
    clip = with_record(untagged, tmp_path / "dv.mp4", 8, compatibility)
    accepted = take(deliver({"film.mp4": clip}, "silent: true"), mezzanine)
    picture = accepted.media.picture
    assert picture.dolby_vision == DolbyVision(profile=8, compatibility=compatibility)
    assert (picture.transfer, picture.primaries) == (transfer, primaries)


def test_what_the_stream_says_itself_goes_before_the_base(hdr10: Path, tmp_path: Path) -> None:
    picture = probe_media(with_record(hdr10, tmp_path / "dv.mp4", 8, 4)).picture
    assert picture.transfer == "smpte2084"


@pytest.mark.parametrize(
    ("profile", "compatibility", "layers", "reason"),
    [
        (5, 0, {}, "would come out purple and green"),
        (10, 0, {}, "would come out purple and green"),
        (7, 6, {"enhancement": True}, "two layers"),
        (4, 2, {"enhancement": True}, "two layers"),
        (8, 1, {"base": False, "enhancement": True}, "without its base"),
    ],
    ids=["5", "10.0", "7", "4", "no base"],
)
def test_dolby_vision_without_a_base_is_refused_with_a_sentence(
    profile: int,
    compatibility: int,
    layers: dict[str, bool],
    reason: str,
    untagged: Path,
    deliver: Callable[..., Path],
    mezzanine: Store,
    tmp_path: Path,
) -> None:
    clip = with_record(untagged, tmp_path / "dv.mp4", profile, compatibility, **layers)
    with pytest.raises(DeliveryRefused, match=reason) as caught:
        take(deliver({"film.mp4": clip}, "silent: true"), mezzanine)
    assert (caught.value.code, caught.value.got) == ("dolby-vision", f"profile {profile}.{compatibility}")
    assert "8.1" in str(caught.value.expected)
