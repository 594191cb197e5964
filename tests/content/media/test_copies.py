"""A film that is as the profile wants it is copied, frame for frame; one that is not is encoded, with the reasons."""

from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.content.delivery.probe import probe_media
from marquee.content.media.copies import with_copy
from marquee.content.media.encode import encode_chunk
from marquee.content.media.join import join_rendition, rendition_key
from marquee.content.media.packets import read_packets
from marquee.content.media.plan import jobs
from marquee.content.media.verify import verify_rendition
from marquee.content.media.vmaf import FRAME_HASH, frame_hashes
from marquee.contracts.plan import Codec, EncodePlan, Rung
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

SIZE = {"width": 160, "height": 90, "crf": 24, "maxrate_kbps": 600}
H264 = Rung(codec=Codec.H264, preset="veryfast", **SIZE)
SMALL = H264.model_copy(update={"width": 80, "height": 46})
HEVC = Rung(codec=Codec.HEVC, preset="ultrafast", **SIZE)
TEN_BITS = ("-pix_fmt", "yuv420p10le")

Planned = Callable[..., EncodePlan]


def h264(gop: int, *more: str) -> tuple[str, ...]:
    return ("-preset", "veryfast", "-g", str(gop), "-sc_threshold", "0", "-bf", "3", "-crf", "26", *more)


def x265(gop: int, *more: str) -> tuple[str, ...]:
    grid = f"log-level=none:keyint={gop}:min-keyint={gop}:scenecut=0:open-gop=0:bframes=3"
    return ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", grid, "-tag:v", "hvc1", *more)


@pytest.fixture
def planned(plan_of, small) -> Planned:
    """The plan of a clip on the finer grid, with what may be copied."""

    def make(clip: Path, *rungs: Rung, **changes: object) -> EncodePlan:
        plan = small(plan_of(clip), *(rungs or (H264, SMALL))).model_copy(update=changes)
        return with_copy(plan, probe_media(clip), lambda: clip)

    return make


FILMS = {
    "24 in mp4": ("film.mp4", "24", h264(12), H264),
    "50 in mp4, late": ("late.mp4", "50", h264(25, "-output_ts_offset", "1.7"), H264),
    "29.97 in Matroska": ("ntsc.mkv", "30000/1001", h264(15), H264),
    "59.94 in mov": ("fast.mov", "60000/1001", h264(30), H264),
    "HEVC at 23.976": ("film.mp4", "24000/1001", x265(12), HEVC),
}


@pytest.mark.parametrize("film", FILMS)
def test_a_film_on_the_grid_is_copied_frame_for_frame(
    film: str, planned: Planned, make_clip, mezzanine: Store, work: Store, scratch: Path
) -> None:
    """The copy decodes to the film's own frames, and passes every gate beside a rung that is encoded."""
    name, rate, extra, rung = FILMS[film]
    clip = make_clip(name, seconds=3, rate=rate, size="160x90", audio=False, extra=extra)
    plan = planned(clip, rung, SMALL)
    assert [(r.copied) for r in plan.rungs] == [True, False], plan.remarks
    assert len(plan.chunks) == 3
    for job in jobs(plan):
        encode_chunk(plan, job, mezzanine, work, scratch)
    for n, each in enumerate(plan.rungs):
        join_rendition(plan, each, work, scratch)
        measures = verify_rendition(plan, n, mezzanine, work, scratch)
        assert measures.measure.frames == plan.picture.frames
        assert (measures.measure.vmaf_mean > 95) == each.copied
    copied = work.fetch(rendition_key(plan, plan.rungs[0]))
    assert decoded(copied) == decoded(clip)
    sizes = {sum(read_packets(path).sizes) for path in (copied, clip) if path.suffix == ".mp4"}
    assert len(sizes) == 1


def decoded(path: Path) -> list[str]:
    """Hashes of a film's frames in order."""
    argv = [ffmpeg(), "-v", "error", "-i", str(path), "-map", "0:v", "-fps_mode", "passthrough"]
    lines = run([*argv, "-f", "framehash", "-hash", FRAME_HASH["hash"], "-"], timeout_s=60).stdout.decode()
    return list(frame_hashes(lines.splitlines()))


REASONS = {
    "another codec": (x265(12), {}, "no rung is hevc of 160x90"),
    "ten bits": ((*h264(12), *TEN_BITS), {}, "the pixels are yuv420p10le, not yuv420p"),
    "key frames elsewhere": (h264(25), {}, "key frames are 25 to 25 frames apart, not 12"),
    "open groups": (h264(12, "-x264-params", "open-gop=1:keyint=12:min-keyint=1:scenecut=0"), {}, "open"),
    "another profile": (h264(12, "-crf", "0", "-profile:v", "high444"), {}, "the codec's profile is High 4:4:4"),
    "not of square pixels": (h264(12, "-vf", "setsar=4/3"), {}, "not of square pixels"),
    "made anew": (h264(12), {"attempt": 1}, "a person has asked"),
}


@pytest.mark.parametrize("case", REASONS)
def test_what_is_not_as_wanted_is_encoded_and_the_plan_says_why(case: str, planned: Planned, make_clip) -> None:
    extra, changes, reason = REASONS[case]
    plan = planned(make_clip("film.mp4", seconds=4, rate="24", size="160x90", audio=False, extra=extra), **changes)
    assert not any(rung.copied for rung in plan.rungs)
    assert any(reason in said for said in plan.remarks), plan.remarks


@pytest.mark.parametrize(("cap", "reason"), [(20, "its bit rate is"), (70, "a segment of it takes")])
def test_the_caps_hold_for_copies_too(cap: int, reason: str, planned: Planned, make_clip) -> None:
    """A film that is costly for half a second alone: its mean is low, that segment is above the buffer."""
    burst = "color=gray:size=160x90:rate=24:duration=4,noise=alls=100:allf=t:enable='lt(t,0.5)'"
    clip = make_clip("film.mp4", video=burst, audio=False, extra=h264(12))
    rung = H264.model_copy(update={"maxrate_kbps": cap})
    assert planned(clip, H264.model_copy(update={"maxrate_kbps": 4000})).rungs[0].copied
    plan = planned(clip, rung)
    assert not plan.rungs[0].copied
    assert any(reason in said for said in plan.remarks), plan.remarks


def test_a_transport_stream_is_not_copied(planned: Planned, make_clip) -> None:
    plan = planned(make_clip("film.ts", seconds=4, rate="24", size="160x90", audio=False, extra=h264(12)))
    assert any("the container is mpegts" in said for said in plan.remarks)


def test_a_plan_without_copies_keeps_its_name(planned: Planned, plan_of, small, make_clip) -> None:
    """The reasons are for people; what is copied makes another rendition and another plan."""
    clip = make_clip("film.mp4", seconds=4, rate="24", size="160x90", audio=False, extra=h264(12))
    encoded, copied = small(plan_of(clip), H264, SMALL), planned(clip)
    assert encoded.model_copy(update={"remarks": ("because",)}).hash == encoded.hash
    assert copied.hash != encoded.hash
    keys = [[rendition_key(plan, rung) for rung in plan.rungs] for plan in (encoded, copied)]
    assert [a == b for a, b in zip(*keys, strict=True)] == [False, True]
    assert EncodePlan.model_validate_json(copied.model_dump_json()) == copied
