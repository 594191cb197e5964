"""Decides whether a film's own picture serves as a rung, to be copied instead of encoded again."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from marquee.content.media.encode import BUFFER_S
from marquee.content.media.packets import SourcePackets, read_source
from marquee.contracts.errors import ToolFailed
from marquee.contracts.media import MediaInfo, VideoStream
from marquee.contracts.plan import Codec, EncodePlan, Rung

# With parameter sets in the sample entry: elsewhere they stand in the stream, and may change there.
CONTAINERS = {"mov", "matroska"}
PROFILES = {  # that every player of the codec decodes, in ffprobe's words
    Codec.H264: {"Constrained Baseline", "Main", "High"},
    Codec.HEVC: {"Main", "Main 10"},
    Codec.AV1: {"Main"},
    Codec.VP9: {"Profile 0"},
}
FORMATS = {8: "yuv420p", 10: "yuv420p10le"}
OFF_GRID = 0.1  # of a frame: Matroska's stamps are whole milliseconds


def with_copy(plan: EncodePlan, media: MediaInfo, source: Callable[[], Path]) -> EncodePlan:
    """The plan with the rung that the film's picture is already, marked as copied; else with the reasons why none is.

    `source` fetches the film, which is read, without decoding, when all that the probe knows is right.
    """
    rung = next((r for r in plan.rungs if _is_like(r, plan, media.picture)), None)
    reasons = list(_by_probe(plan, media, rung)) or list(_by_packets(plan, rung, source()) if rung else ())
    rungs = [r.model_copy(update={"copied": True}) if r is rung and not reasons else r for r in plan.rungs]
    remarks = (*plan.remarks, *(f"not copied: {reason}" for reason in reasons))
    return plan.model_copy(update={"rungs": tuple(rungs), "remarks": remarks})


def _is_like(rung: Rung, plan: EncodePlan, video: VideoStream) -> bool:
    return (
        not rung.variant
        and rung.codec == video.codec
        and (rung.width, rung.height) == (plan.picture.width, plan.picture.height)
    )


def _by_probe(plan: EncodePlan, media: MediaInfo, rung: Rung | None) -> Iterator[str]:
    """What speaks against copying, as far as the probe knows."""
    video, picture = media.picture, plan.picture
    expected = FORMATS[picture.depth_in(rung.codec)] if rung else video.pixel_format
    stored, kept = (video.width, video.height), (picture.width, picture.height)
    held = video.frames != picture.frames or picture.start_s != video.start_s
    against = {
        "a person has asked for everything to be made anew": plan.attempt,
        f"the container is {media.demuxer}, not MP4, QuickTime or Matroska": media.demuxer not in CONTAINERS,
        f"no rung is {video.codec} of {picture.width}x{picture.height}": rung is None,
        f"the pixels are {video.pixel_format}, not {expected}": video.pixel_format != expected,
        "the picture is turned, cropped, of odd sides or not of square pixels": stored != kept or video.rotation,
        "the picture is interlaced": picture.deinterlace,
        "3:2 pull-down is undone": picture.pulldown,
        "the frame rate is not kept": not picture.constant_rate or video.frame_rate != plan.grid.frame_rate,
        "frames are held at the beginning or the end": held,
        "it holds Dolby Vision's metadata": video.dolby_vision,
        "AV1's metadata of high dynamic range cannot be encrypted": picture.hdr and video.codec == Codec.AV1,
    }
    return (reason for reason, true in against.items() if true)


def _by_packets(plan: EncodePlan, rung: Rung, source: Path) -> Iterator[str]:
    """What speaks against copying in the coded picture itself."""
    try:
        found = read_source(source, plan.picture)
    except ToolFailed as failed:
        yield f"its packets cannot be read: {failed.what}"
        return
    if found.profile not in PROFILES[rung.codec]:
        yield f"the codec's profile is {found.profile}, not {' or '.join(sorted(PROFILES[rung.codec]))}"
    if found.edited or len(found.stamps) != plan.picture.frames:
        yield "an edit list leaves frames out"
        return
    yield from _off_grid(plan, found)
    yield from _too_dear(plan, rung, found)


def _off_grid(plan: EncodePlan, found: SourcePackets) -> Iterator[str]:
    rate, start_s = float(plan.grid.frame_rate), plan.picture.start_s
    places = [(stamp - start_s) * rate for stamp in sorted(found.stamps)]
    if any(abs(place - n) > OFF_GRID for n, place in enumerate(places)):
        yield "its stamps are off the grid of frames"
    keys = [round((found.stamps[n] - start_s) * rate) for n in found.keys]
    gop = plan.grid.gop_frames
    if keys != list(range(0, plan.picture.frames, gop)):
        gaps = [b - a for a, b in pairwise(keys)] or [plan.picture.frames]
        yield f"key frames are {min(gaps)} to {max(gaps)} frames apart, not {gop}"
    elif any(min(group) < group[0] for group in found.groups()):
        yield "groups of pictures are open"


def _too_dear(plan: EncodePlan, rung: Rung, found: SourcePackets) -> Iterator[str]:
    """The caps that the encoder is held to, over the whole and by segment (see `encode.BUFFER_S`)."""
    average = sum(found.sizes) * 8 / plan.duration_s / 1000
    if average > rung.maxrate_kbps:
        yield f"its bit rate is {average:.0f} kb/s, above {rung.maxrate_kbps}"
    whole, rate = plan.grid.segment_frames, float(plan.grid.frame_rate)
    segments = [found.sizes[n : n + whole] for n in range(0, len(found.sizes), whole)]
    kilobits, seconds = max((sum(part) * 8 / 1000, len(part) / rate) for part in segments)
    if kilobits > rung.maxrate_kbps * (seconds + BUFFER_S):
        yield f"a segment of it takes {kilobits / seconds:.0f} kb/s"
