"""What becomes of unusual pictures: turned, woven, deep, RGB, cropped."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from marquee.content.media.encode import chunk_key, encode_chunk
from marquee.content.media.picture import command, programme
from marquee.content.media.plan import jobs
from marquee.content.media.vmaf import FRAME_HASH, score_chunk
from marquee.contracts.plan import Codec, EncodePlan, Rung
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.ffprobe import probe
from marquee.tools.process import run

H264 = Rung(codec=Codec.H264, width=160, height=90, crf=24, maxrate_kbps=600, preset="veryfast")
AV1 = H264.model_copy(update={"codec": Codec.AV1, "preset": "12"})
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")
PQ = "format=yuv420p10le,setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv"

Encode = Callable[[EncodePlan], list[Path]]


@pytest.fixture
def encode(mezzanine: Store, work: Store, scratch: Path) -> Encode:
    """All chunks of a plan, each scored against the source as well."""

    def do(plan: EncodePlan) -> list[Path]:
        for job in jobs(plan):
            encode_chunk(plan, job, mezzanine, work, scratch)
            scores = score_chunk(plan, job, mezzanine, work, scratch).vmaf
            assert min(scores.values()) > 50, job.name
        return [work.fetch(chunk_key(plan, rung, chunk)) for rung in plan.rungs for chunk in plan.chunks]

    return do


def stream(path: Path) -> dict[str, str]:
    return probe(path, "-show_streams")["streams"][0]


def with_rungs(plan: EncodePlan, *rungs: Rung) -> EncodePlan:
    return plan.model_copy(update={"rungs": rungs})


def test_hdr_stays_hdr_in_av1_and_becomes_sdr_in_h264(plan_of, make_clip, encode: Encode) -> None:
    clip = make_clip(
        "pq.mp4", seconds=1, size="160x90", audio=False, extra=(*X265, "-pix_fmt", "yuv420p10le", "-vf", PQ)
    )
    h264, av1 = encode(with_rungs(plan_of(clip), H264, AV1))
    assert (stream(h264)["pix_fmt"], stream(h264)["color_transfer"]) == ("yuv420p", "bt709")
    assert (stream(av1)["pix_fmt"], stream(av1)["color_transfer"]) == ("yuv420p10le", "smpte2084")
    assert stream(av1)["color_primaries"] == "bt2020"


@pytest.mark.parametrize("pixels", ["yuv444p", "yuv422p10le", "yuvj420p"])
def test_every_sampling_becomes_4_2_0(pixels: str, plan_of, make_clip, encode: Encode) -> None:
    clip = make_clip(f"{pixels}.mp4", seconds=1, size="160x90", audio=False, extra=("-pix_fmt", pixels, "-crf", "10"))
    (h264,) = encode(with_rungs(plan_of(clip), H264))
    assert stream(h264)["pix_fmt"] in {"yuv420p", "yuvj420p"}
    assert stream(h264).get("color_range") == stream(clip).get("color_range")


@pytest.mark.parametrize(
    ("size", "aspect", "expected"),
    [
        ("161x91", "1", (160, 90)),
        ("180x120", "32/27", (212, 120)),
        ("90x160", "1", (90, 160)),
        ("120x160", "3/4", (90, 160)),
    ],
    ids=["odd", "anamorphic", "portrait", "anamorphic portrait"],
)
def test_every_shape_becomes_even_and_of_square_pixels(
    size: str, aspect: str, expected: tuple[int, int], plan_of, make_clip, encode: Encode
) -> None:
    """A circle in the middle stays one: as wide as high, within the pixels that rounding takes."""
    width, height = map(int, size.split("x"))
    ratio = Fraction(aspect)
    circle = f"lt(hypot((X-{width / 2})*{float(ratio)},Y-{height / 2}),30)*255"
    video = f"color=black:size={size}:rate=25:duration=1,format=gray,geq=lum='{circle}',format=yuv444p,setsar={ratio}"
    clip = make_clip("shape.mkv", video=video, audio=False, extra=("-pix_fmt", "yuv444p", "-crf", "5"))
    plan = plan_of(clip)
    assert (plan.picture.width, plan.picture.height, plan.picture.frames) == (*expected, 25)
    (h264,) = encode(plan)
    found = stream(h264)
    assert (found["width"], found["height"], found["sample_aspect_ratio"]) == (*expected, "1:1")
    one = ["-i", str(h264), "-frames:v", "1", "-vf", "format=gray", "-f", "rawvideo", "-"]
    raw = run([ffmpeg(), "-v", "error", *one], timeout_s=60).stdout
    light = np.frombuffer(raw, np.uint8).reshape(expected[1], expected[0]) > 128
    assert abs(int(light.any(0).sum()) - int(light.any(1).sum())) <= 2


def test_rgb_becomes_tagged_bt709(plan_of, make_clip, encode: Encode) -> None:
    rgb = ("-c:v", "libx264rgb", "-pix_fmt", "rgb24", "-crf", "10")
    (h264,) = encode(with_rungs(plan_of(make_clip("rgb.mkv", seconds=1, size="160x90", audio=False, extra=rgb)), H264))
    assert (stream(h264)["color_space"], stream(h264)["color_range"]) == ("bt709", "tv")


def test_the_plan_has_the_last_word_on_colours(plan_of, make_clip, encode: Encode) -> None:
    """A container may know what the stream does not say."""
    plan = with_rungs(plan_of(make_clip("plain.mp4", seconds=1, size="160x90", audio=False)), H264)
    tags = {"primaries": "bt470bg", "transfer": "bt709", "matrix": "bt470bg", "colour_range": "tv"}
    (h264,) = encode(plan.model_copy(update={"picture": plan.picture.model_copy(update=tags)}))
    assert [stream(h264)[f"color_{name}"] for name in ("primaries", "transfer", "space")] == [
        "bt470bg",
        "bt709",
        "bt470bg",
    ]


def test_a_turned_picture_is_turned_once(plan_of, make_clip, encode: Encode, tmp_path: Path) -> None:
    """White above, black below as displayed; the file stores it lying on its side."""
    lying = "color=black:size=180x120:rate=25:duration=1,drawbox=w=90:c=white:t=fill"
    flat, turned = make_clip("lying.mp4", video=lying, audio=False), tmp_path / "turned.mp4"
    turn = ["-display_rotation:v:0", "-90", "-i", str(flat), "-c", "copy"]
    run([ffmpeg(), "-v", "error", *turn, str(turned)], timeout_s=60)
    plan = plan_of(turned)
    assert (plan.picture.width, plan.picture.height) == (120, 180)
    (h264,) = encode(plan)
    assert (stream(h264)["width"], stream(h264)["height"]) == (120, 180)
    assert "side_data_list" not in stream(h264)
    one = ["-i", str(h264), "-frames:v", "1", "-vf", "scale=1:2:flags=area,format=gray", "-f", "rawvideo", "-"]
    top, bottom = run([ffmpeg(), "-v", "error", *one], timeout_s=60).stdout
    assert top > 200 > 60 > bottom


def test_woven_fields_are_taken_apart_at_the_same_rate(plan_of, small, make_clip, encode: Encode) -> None:
    woven = ("-vf", "tinterlace=interleave_top,fieldorder=tff", "-flags", "+ilme+ildct", "-g", "12")
    clip = make_clip("woven.mp4", seconds=4, rate="50", size="160x96", audio=False, extra=woven)
    measured = {"interlaced_share": 0.9}
    plan = small(plan_of(clip, measured=measured), H264.model_copy(update={"height": 96}))
    assert (plan.grid.frame_rate, plan.picture.frames, plan.picture.deinterlace) == (25, 100, True)
    assert len(encode(plan)) == 4
    as_stored = plan.model_copy(update={"picture": plan.picture.model_copy(update={"deinterlace": False})})
    outputs = [programme(p, clip, 0, 100).output("-", **FRAME_HASH) for p in (plan, as_stored)]
    taken_apart, woven_still = (run(command(output), timeout_s=60).stdout for output in outputs)
    assert taken_apart != woven_still
