"""Film in 29.97 by 3:2 pull-down comes back as the film's own frames, frame for frame, wherever a chunk begins."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from marquee.content.delivery.probe import probe_media
from marquee.content.media import qc
from marquee.content.media.encode import encode_chunk
from marquee.content.media.join import join_rendition, rendition_key
from marquee.content.media.picture import programme, seek_point
from marquee.content.media.plan import jobs
from marquee.contracts.plan import Codec, EncodePlan, Rung
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

FILM_RATE = Fraction(24000, 1001)
FRAMES = 96
RUNG = Rung(codec=Codec.H264, width=160, height=120, crf=20, maxrate_kbps=900, preset="veryfast")
# Each film frame says its number in ten vertical strips, black or white for a bit; below them something moves.
BITS = "+".join(f"255*gte(mod(N/{2**bit},2),1)*between(X,{bit * 16},{bit * 16 + 15})" for bit in range(10))
LUMA = f"if(lt(Y,60),{BITS},128+100*sin((X+Y+7*N)/9))"
FILM = f"nullsrc=size=160x120:rate=24000/1001:duration=4.01,geq=lum='{LUMA}':cb=128:cr=128"


@pytest.fixture(scope="module", params=["top", "bottom"])
def telecined(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pulldown") / "telecined.mp4"
    pulldown = f"trim=end_frame={FRAMES},telecine=first_field={request.param}:pattern=23"
    order = {"top": "tff=1", "bottom": "bff=1"}[request.param]
    encoder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "12", "-g", "15", "-x264-params", order]
    run([ffmpeg(), "-v", "error", "-f", "lavfi", "-i", FILM, "-vf", pulldown, *encoder, str(path)], timeout_s=60)
    return path


@pytest.fixture(scope="module")
def judged(telecined: Path) -> qc.Measured:
    return qc.measure(telecined, probe_media(telecined), lambda _: None)


@pytest.fixture(scope="module")
def plan(telecined: Path, judged: qc.Measured, plan_of: Callable[..., EncodePlan]) -> EncodePlan:
    return plan_of(telecined, measured=judged.picture, silent=True)


def numbers(plan: EncodePlan, source: Path, first: int, frames: int) -> list[int]:
    """The numbers that the frames of a stretch of the programme say."""
    seek_s = seek_point(source, plan.picture, float(first / plan.grid.frame_rate))
    strips = programme(plan, source, first, frames, seek_s=seek_s).filter("crop", 160, 40, 0, 10)
    argv = strips.filter("scale", 10, 1, flags="area").output("-", f="rawvideo", pix_fmt="gray").get_args()
    return _read(run([ffmpeg(), "-v", "error", "-copyts", *argv], timeout_s=60).stdout)


def said(path: Path) -> list[int]:
    """The numbers that a file's frames say."""
    strips = ["-vf", "crop=160:40:0:10,scale=10:1:flags=area", "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    return _read(run([ffmpeg(), "-v", "error", "-i", str(path), *strips], timeout_s=60).stdout)


def _read(grey: bytes) -> list[int]:
    return [sum((grey[n + bit] > 128) << bit for bit in range(10)) for n in range(0, len(grey), 10)]


def test_it_is_detected_and_the_plan_undoes_it(plan: EncodePlan, judged: qc.Measured) -> None:
    assert judged.picture["pulldown_share"] == 1
    assert (plan.grid.frame_rate, bool(plan.picture.pulldown), plan.picture.deinterlace) == (FILM_RATE, True, False)
    assert plan.picture.frames == FRAMES
    assert "its 23.976 frames a second come back" in plan.notes[0]


def test_the_films_frames_come_back_each_once(plan: EncodePlan, telecined: Path) -> None:
    assert numbers(plan, telecined, 0, FRAMES) == list(range(FRAMES))


@pytest.mark.parametrize("first", [1, 30, 59, 83])
def test_a_chunk_may_begin_anywhere(plan: EncodePlan, telecined: Path, first: int) -> None:
    assert numbers(plan, telecined, first, 12) == list(range(first, first + 12))


def test_no_frame_is_lost_or_doubled_at_chunk_borders(
    plan: EncodePlan, small: Callable[..., EncodePlan], mezzanine: Store, work: Store, scratch: Path
) -> None:
    plan = small(plan, RUNG)
    assert len(plan.chunks) == 4
    for job in jobs(plan):
        encode_chunk(plan, job, mezzanine, work, scratch)
    join_rendition(plan, RUNG, work, scratch)
    assert said(work.fetch(rendition_key(plan, RUNG))) == list(range(FRAMES))


def test_progressive_video_is_left_alone(make_clip: Callable[..., Path], plan_of: Callable[..., EncodePlan]) -> None:
    clip = make_clip("video.mp4", seconds=4, rate="30000/1001", size="160x120", audio=False)
    measured = qc.measure(clip, probe_media(clip), lambda _: None).picture
    assert measured["pulldown_share"] == 0
    assert plan_of(clip, measured=measured, silent=True).grid.frame_rate == Fraction(30000, 1001)
