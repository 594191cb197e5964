"""ffmpeg command lines of QC: pure functions from a file's description to argument lists."""

from pathlib import Path
from typing import Any

import ffmpeg

from marquee.contracts.media import AudioStream, MediaInfo
from marquee.tools.binaries import ffmpeg as ffmpeg_program
from marquee.tools.ffprobe import local

# What a detector notes at all. A profile's limit lies at or above it; the rest shows on the timeline only.
BLACK_FLOOR_S, FREEZE_FLOOR_S, SILENCE_FLOOR_S = 0.5, 2.0, 1.0
SILENCE_LEVEL = "-60dB"
# idet's default, 1.04, takes fine progressive patterns for combing; woven fields still stand far above 1.3.
COMBING = 1.3
# Mean difference from the frozen frame, of 1: half a level of 255. The default, 0.001, lets the pulse of a lossy
# source's key frames end a freeze.
STILL = 0.002
SMALL_WIDTH = 480  # black, freezes and flashes are seen as well on a small picture, at a third of the time
TINY_WIDTH = 160  # signalstats is the dearest filter of all
# signalstats counts what is outside of 16 to 235; EBU R 103 tolerates 5 to 246, for what coding adds at edges. So
# levels are drawn together around the middle by this much before they are counted.
MIDDLE, SHRINK = 125.5, (235 - 16) / (246 - 5)
SHRUNK = f"(val-{MIDDLE})*{SHRINK:.6f}+{MIDDLE}"
CROP_FRAMES = 6  # after which cropdetect begins anew
CELL_COLUMNS, CELL_ROWS = 16, 12  # the picture in cells of one colour, for flashes and colour bars
CELL_FLAGS = "area+accurate_rnd+full_chroma_inp+full_chroma_int"  # otherwise colours run into each other
# Of a channel's 100 ms: levels in dB, how long and how often it stands at its peak, and crossings of zero a sample.
CHANNEL_STATS = "Peak_level+RMS_level+Flat_factor+Peak_count+Zero_crossings_rate"
GRAB_SIDE = 480
# In these a seek may land behind a key frame, and the picture comes with the next one: so begin well before.
WITHOUT_INDEX, LEAD_S = {"mpegts", "mpeg"}, 10.0

# "repeat" and "level" make each error one line that says so; the picture is decoded to the end whatever happens.
QUIET = ["-hide_banner", "-nostdin", "-loglevel", "repeat+level+error", "-max_error_rate", "1"]
CONTAINER_TIMES = "-copyts"


def picture_scan(path: Path, info: MediaInfo, cells: Path) -> list[str]:
    """Decode the picture once, as displayed; each frame's time and measurements come out on standard output.

    The file `cells` gets each frame as CELL_ROWS × CELL_COLUMNS × 3 bytes, red, green and blue.
    """
    small = (
        _input(path, info)[str(info.picture.index)]
        .filter("idet", intl_thres=COMBING)
        .filter("cropdetect", round=2, skip=0, reset=CROP_FRAMES)
        .filter("scale", w=SMALL_WIDTH, h=-2, flags="fast_bilinear")
        .filter("format", pix_fmts="yuv420p")  # so that levels are of 255, whatever the source's depth
        .filter("blackdetect", d=0.1)
        .filter("freezedetect", n=STILL, d=FREEZE_FLOOR_S)
        .filter_multi_output("split")
    )
    tiny = (
        small[0]
        .filter("scale", w=TINY_WIDTH, h=-2, flags="fast_bilinear")
        .filter("lutyuv", y=SHRUNK, u=SHRUNK, v=SHRUNK)
    )
    stats = tiny.filter("signalstats", stat="brng").filter("metadata", mode="print", file="-", direct=1)
    mosaic = small[1].filter("scale", w=CELL_COLUMNS, h=CELL_ROWS, flags=CELL_FLAGS).filter("format", pix_fmts="rgb24")
    mosaic = mosaic.filter("setpts", "N")  # a file of bare frames wants stamps that ascend
    # Every frame comes out once, on the source's own clock: on the mean rate's two of a variable rate could coincide.
    clock = {"fps_mode": "passthrough", "enc_time_base": "demux"}
    outputs = stats.output("-", f="null", **clock), mosaic.output(local(cells), f="rawvideo", **clock)
    return _argv(ffmpeg.merge_outputs(*outputs), CONTAINER_TIMES, "-y")


def sound_scan(path: Path, info: MediaInfo, track: AudioStream) -> list[str]:
    """Decode one audio track once; every 100 ms its loudness, peaks and phase come out on standard output."""
    # ebur128 comes first: it cuts frames of its own, and what others have written on the old ones is lost.
    stream = _input(path, info)[str(track.index)].filter("ebur128", metadata=1, peak="true", framelog="quiet")
    if track.channels == 2:  # the meter would force any other layout to stereo
        stream = stream.filter("aphasemeter", video=0)
    stream = stream.filter("astats", metadata=1, reset=1, measure_perchannel=CHANNEL_STATS, measure_overall="none")
    stream = stream.filter("silencedetect", n=SILENCE_LEVEL, d=SILENCE_FLOOR_S)
    stream = stream.filter("ametadata", mode="print", file="-", direct=1)
    return _argv(stream.output("-", f="null"), CONTAINER_TIMES)


def grab(path: Path, info: MediaInfo, time_s: float) -> list[str]:
    """One frame as a JPEG on standard output, square pixels. `time_s` counts from the programme's start."""
    width, height = info.picture.display_size
    shrink = min(1.0, GRAB_SIDE / max(width, height))
    lead_s = min(time_s, LEAD_S) if info.demuxer in WITHOUT_INDEX else 0.0
    source = _input(path, info, ss=f"{info.start_s + time_s - lead_s:.6f}", seek_timestamp=1)
    frame = source[str(info.picture.index)].filter("trim", start=lead_s)
    frame = frame.filter("scale", w=max(2, round(width * shrink)), h=max(2, round(height * shrink)), out_range="full")
    frame = frame.filter("setsar", 1)
    return _argv(frame.output("-", f="image2pipe", vcodec="mjpeg", pix_fmt="yuvj420p", frames=1, **{"q:v": 5}))


def clip(path: Path, info: MediaInfo, time_s: float, length_s: float, audio: int = 0) -> list[str]:
    """A small MP4 with sound on standard output; `time_s` counts from the programme's start, `audio` picks a track."""
    width, height = info.picture.display_size
    shrink = min(1.0, GRAB_SIDE / max(width, height))
    sides = {"w": max(2, round(width * shrink) // 2 * 2), "h": max(2, round(height * shrink) // 2 * 2)}
    source = _input(path, info, ss=f"{info.start_s + time_s:.6f}", seek_timestamp=1, t=length_s)
    picture = source[str(info.picture.index)].filter("scale", **sides).filter("setsar", 1).filter("format", "yuv420p")
    streams = [picture]
    if info.audio:
        track = info.audio[min(audio, len(info.audio) - 1)]
        streams.append(source[str(track.index)].filter("aformat", channel_layouts="stereo"))
    coding = {"vcodec": "libx264", "preset": "ultrafast", "crf": 26, "acodec": "aac"}
    return _argv(ffmpeg.output(*streams, "-", f="mp4", movflags="frag_keyframe+empty_moov", **coding))


def _input(path: Path, info: MediaInfo, **options: Any) -> Any:
    """The file, fenced in: a known demuxer, local protocols only."""
    return ffmpeg.input(local(path), f=info.demuxer, protocol_whitelist="file,pipe", **options)


def _argv(output: Any, *options: str) -> list[str]:
    return [ffmpeg_program(), *QUIET, *options, *output.get_args()]
