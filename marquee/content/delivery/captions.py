"""Looks for closed captions in a picture's frames: CEA-608/708 (ATSC A/53 part 4), and for CEA-708's services."""

from pathlib import Path

from marquee.contracts.errors import ToolFailed
from marquee.contracts.media import VideoStream
from marquee.tools.closed_captions import caption_frames, service_blocks
from marquee.tools.ffprobe import probe
from marquee.tools.scratch import scratch

CODECS = {"h264", "hevc", "mpeg2video"}
CAPTIONS = "ATSC A53 Part 4 Closed Captions"  # as ffprobe calls what lies beside a frame
SOON_S, SOON_TIMEOUT_S = 120, 600
TAKEN = frozenset(range(1, 7))  # CEA-708 calls them standard services
LOOKED_AT = 10  # frames at the start: where captions are, every frame has a place for them


def with_captions(path: Path, demuxer: str, stream: VideoStream) -> VideoStream:
    """The stream, marked where its first frames carry closed captions. What cannot be decoded is left to QC."""
    if stream.codec not in CODECS:
        return stream
    try:
        kinds = _beside_frames(path, demuxer, stream.index)
    except ToolFailed:
        return stream
    if CAPTIONS not in kinds:
        return stream
    return stream.model_copy(update={"closed_captions": True, "caption_services": _services(path, demuxer, stream)})


def _services(path: Path, demuxer: str, stream: VideoStream) -> tuple[int, ...]:
    """The services of CEA-708 that say anything soon. None where the frames cannot be decoded."""
    try:
        with scratch() as folder:
            frames = caption_frames(path, demuxer, stream.index, folder, SOON_TIMEOUT_S, SOON_S)
    except ToolFailed:
        return ()
    return tuple(sorted({block.service for block in service_blocks(frames) if block.data} & TAKEN))


def _beside_frames(path: Path, demuxer: str, stream: int) -> set[str]:
    entries = ("-select_streams", str(stream), "-read_intervals", f"%+#{LOOKED_AT}")
    found = probe(path, *entries, "-show_entries", "frame_side_data=side_data_type", demuxer=demuxer)
    frames = found.get("frames", [])
    return {data.get("side_data_type", "") for frame in frames for data in frame.get("side_data_list", [])}
