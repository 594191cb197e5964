"""Chunks are frame-exact: put together, their inputs are the programme, whatever the container does to time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.content.media.picture import command, programme, seek_point
from marquee.content.media.vmaf import FRAME_HASH, frame_hashes
from marquee.contracts.plan import EncodePlan
from marquee.tools.binaries import ffmpeg
from marquee.tools.ffprobe import probe
from marquee.tools.process import run

MakeClip = Callable[..., Path]
SHORT_GROUPS = ("-g", "23", "-bf", "3", "-preset", "veryfast")
OPEN_HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=31:open-gop=1:bframes=4")
HEVC_10 = (*OPEN_HEVC, "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1")
AV1_10 = ("-c:v", "libsvtav1", "-preset", "12", "-pix_fmt", "yuv420p10le", "-g", "40", "-svtav1-params", "lp=1")
OPEN_H264 = ("-preset", "veryfast", "-x264-params", "keyint=29:open-gop=1:bframes=3")
MPEG2 = ("-c:v", "mpeg2video", "-g", "12", "-bf", "2", "-b:v", "2M", "-flags", "-cgop")
# Frames of 4, 5 and 9 hundredths, and one that is held for three seconds.
VARIABLE = (
    "-vf",
    "settb=1/1000,setpts='40*N+10*mod(N,2)+40*floor(N/3)+if(gt(N,90),3000,0)'",
    *("-fps_mode", "vfr", "-enc_time_base", "1/1000"),
    *SHORT_GROUPS,
)
CLIPS = {
    "mp4 with B-frames": {"name": "b.mp4", "extra": SHORT_GROUPS},
    "mp4 that starts late": {"name": "late.mp4", "extra": (*SHORT_GROUPS, "-output_ts_offset", "1.7")},
    "mp4 cut by an edit list": {"name": "whole.mp4", "extra": SHORT_GROUPS, "cut": "2.48"},
    "29.97 in milliseconds": {"name": "ntsc.mkv", "rate": "30000/1001", "extra": SHORT_GROUPS},
    "23.976 in mp4": {"name": "film.mp4", "rate": "24000/1001", "extra": SHORT_GROUPS},
    "open groups, HEVC in Matroska": {"name": "hevc.mkv", "rate": "24", "extra": OPEN_HEVC},
    "open groups, H.264": {"name": "open.mp4", "extra": OPEN_H264},
    "open groups, HEVC of 10 bits at 50": {"name": "ten.mp4", "rate": "50", "extra": HEVC_10},
    "AV1 of 10 bits at 59.94": {"name": "av1.mkv", "rate": "60000/1001", "extra": AV1_10},
    "transport stream": {"name": "stream.ts", "extra": SHORT_GROUPS},
    "open groups, MPEG-2 in a transport stream": {"name": "m2.ts", "extra": MPEG2},
}


def hashes(argv: list[str]) -> list[str]:
    return list(frame_hashes(run(argv, timeout_s=120).stdout.decode().splitlines()))


def chunk_inputs(plan: EncodePlan, source: Path) -> list[str]:
    found = []
    for chunk in plan.chunks:
        seek_s = seek_point(source, plan.picture, float(chunk.first_frame / plan.grid.frame_rate))
        node = programme(plan, source, chunk.first_frame, chunk.frames, seek_s=seek_s)
        found += hashes(command(node.output("-", fps_mode="passthrough", **FRAME_HASH)))
    return found


@pytest.fixture
def clip(request: pytest.FixtureRequest, make_clip: MakeClip, tmp_path: Path) -> Path:
    options = dict(CLIPS[request.param])
    cut = options.pop("cut", None)
    made = make_clip(**options, seconds=8, size="160x120", audio=False)
    if cut is None:
        return made
    shortened = tmp_path / "cut.mp4"
    run([ffmpeg(), "-v", "error", "-ss", cut, "-i", str(made), "-c", "copy", str(shortened)], timeout_s=60)
    return shortened


@pytest.mark.parametrize("clip", list(CLIPS), indirect=True)
def test_chunk_inputs_are_the_whole(clip: Path, plan_of, small) -> None:
    """The reference is ffmpeg's plain decode of the file, without any of the programme's filters."""
    plan = small(plan_of(clip))
    whole = hashes([ffmpeg(), "-v", "error", "-i", str(clip), "-fps_mode", "passthrough", "-f", "framehash",
                    "-hash", "murmur3", "-"])  # fmt: skip
    assert len(plan.chunks) > 3
    assert plan.picture.frames == len(whole)
    assert chunk_inputs(plan, clip) == whole


def test_seeking_is_used_where_the_container_has_an_index(plan_of, make_clip: MakeClip) -> None:
    clip = make_clip("b.mp4", seconds=8, size="160x120", audio=False, extra=SHORT_GROUPS)
    plan = plan_of(clip)
    assert seek_point(clip, plan.picture, 6.0) == pytest.approx(4.0)
    assert seek_point(clip, plan.picture, 1.0) is None


@pytest.mark.parametrize("name", ["variable.mp4", "variable.mkv"])
def test_a_variable_rate_becomes_constant_without_seams(name: str, plan_of, small, make_clip: MakeClip) -> None:
    clip = make_clip(name, seconds=6, size="160x120", audio=False, extra=VARIABLE)
    plan = small(plan_of(clip, measured={"variable_share": 0.5}))
    assert not plan.picture.constant_rate
    one_go = programme(plan, clip, 0, plan.picture.frames)
    whole = hashes(command(one_go.output("-", fps_mode="passthrough", **FRAME_HASH)))
    assert len(whole) == plan.picture.frames
    assert plan.duration_s == pytest.approx(float(probe(clip, "-show_format")["format"]["duration"]), abs=0.05)
    assert chunk_inputs(plan, clip) == whole


def test_the_deinterlacer_sees_past_the_seams(plan_of, small, make_clip: MakeClip) -> None:
    woven = ("-vf", "tinterlace=interleave_top,fieldorder=tff", "-flags", "+ilme+ildct", *SHORT_GROUPS)
    clip = make_clip("woven.mp4", seconds=6, rate="50", size="160x96", audio=False, extra=woven)
    plan = small(plan_of(clip, measured={"interlaced_share": 0.9}))
    assert plan.picture.deinterlace
    one_go = programme(plan, clip, 0, plan.picture.frames)
    assert chunk_inputs(plan, clip) == hashes(command(one_go.output("-", fps_mode="passthrough", **FRAME_HASH)))


@pytest.mark.parametrize("name", ["popeye-480-2997-vobsub.mkv", "popeye-1080-hevc-pgs.mkv"])
def test_the_seam_of_a_real_film(name: str, plan_of, shared_media: Path) -> None:
    """Frames around one chunk boundary in the middle, reached by seeking and reached from the start."""
    clip = shared_media / name
    plan = plan_of(clip)
    first = plan.chunks[1].first_frame

    def stretch(start: int, frames: int, seek_s: float | None) -> list[str]:
        node = programme(plan, clip, start, frames, seek_s=seek_s)
        return hashes(command(node.output("-", fps_mode="passthrough", **FRAME_HASH)))

    seek_s = seek_point(clip, plan.picture, float(first / plan.grid.frame_rate))
    assert seek_s is not None
    assert stretch(first - 3, 3, None) + stretch(first, 3, seek_s) == stretch(first - 3, 6, None)
