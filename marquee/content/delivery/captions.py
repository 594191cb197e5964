"""Looks for closed captions in a picture's frames: CEA-608/708 (ATSC A/53 part 4)."""

from pathlib import Path

from marquee.contracts.errors import ToolFailed
from marquee.contracts.media import VideoStream
from marquee.tools.ffprobe import probe

CODECS = {"h264", "hevc", "mpeg2video"}
CAPTIONS = "ATSC A53 Part 4 Closed Captions"  # as ffprobe calls what lies beside a frame
LOOKED_AT = 10  # frames at the start: where captions are, every frame has a place for them


def with_captions(path: Path, demuxer: str, stream: VideoStream) -> VideoStream:
    """The stream, marked where its first frames carry closed captions. What cannot be decoded is left to QC."""
    if stream.codec not in CODECS:
        return stream
    try:
        kinds = _beside_frames(path, demuxer, stream.index)
    except ToolFailed:
        return stream
    return stream.model_copy(update={"closed_captions": CAPTIONS in kinds})


def _beside_frames(path: Path, demuxer: str, stream: int) -> set[str]:
    entries = ("-select_streams", str(stream), "-read_intervals", f"%+#{LOOKED_AT}")
    found = probe(path, *entries, "-show_entries", "frame_side_data=side_data_type", demuxer=demuxer)
    frames = found.get("frames", [])
    return {data.get("side_data_type", "") for frame in frames for data in frame.get("side_data_list", [])}
