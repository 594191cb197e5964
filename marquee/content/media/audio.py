"""Encodes audio tracks: each once and whole, in step with the picture, at the target loudness."""

import math
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ffmpeg

from marquee.content.media.encode import LEAST_TIMEOUT_S, Progress, clock
from marquee.content.media.keys import content_key
from marquee.content.media.picture import command
from marquee.contracts.errors import GateFailed
from marquee.contracts.plan import AudioRendition, EncodePlan
from marquee.storage import Store
from marquee.tools.ffprobe import local, probe
from marquee.tools.process import run

SAMPLE_RATE = 48_000
AAC_FRAME = 1024
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}
SILENCE_LUFS = -69.0  # the gate of ITU-R BS.1770 lies at -70: a track below has no loudness
MOST_GAIN_DB = 20.0  # beyond that one would publish noise
SUMMARY = {name: re.compile(rf"^\s+{name}:\s+(\S+) (?:LUFS|dBFS)", re.MULTILINE) for name in ("I", "Peak")}


def audio_key(plan: EncodePlan, rendition: AudioRendition) -> str:
    """Where an audio rendition lies in the work store: plans that agree on its sound share it."""
    recipe = audio_command(plan, rendition, Path("/source"), Path("/output"), 0.0)[1:]
    levels = rendition.model_dump(include={"measured_lufs", "measured_peak_dbtp", "target_lufs", "target_peak_dbtp"})
    return content_key("audio", plan, recipe, levels, rendition.key, suffix=".mp4")


def encode_audio(
    plan: EncodePlan,
    rendition: AudioRendition,
    mezzanine: Store,
    work: Store,
    scratch: Path,
    on_progress: Progress = lambda _: None,
) -> str:
    """Encode a track into the work store and return its key; one that is there is kept.

    AAC-LC at 48 kHz, exactly as long as the video and in time with it. Normalisation is one gain for the whole track,
    what loudnorm calls linear: dynamics stay. It ends where the true peak reaches its limit.

    Raises GateFailed when the result does not start at 0 or has another length, ToolFailed when ffmpeg fails.
    """
    key = audio_key(plan, rendition)
    if work.exists(key):
        return key
    source = mezzanine.fetch(rendition.key or plan.mezzanine_key)
    gain = gain_db(rendition, *_loudness(plan, rendition, source))
    with TemporaryDirectory(dir=scratch) as folder:
        output = Path(folder) / "track.mp4"
        argv = audio_command(plan, rendition, source, output, gain)
        run(argv, timeout_s=_time_limit(plan), on_line=clock(plan.duration_s, on_progress))
        check_track(plan, output, where=rendition.name)
        work.put(key, output)
    on_progress(1.0)
    return key


def audio_command(plan: EncodePlan, rendition: AudioRendition, source: Path, output: Path, gain: float) -> list[str]:
    """ffmpeg's arguments for a track, `gain` in dB.

    The encoder's first packet holds only its delay of 1024 samples. It is dropped, so that the second one, which holds
    the first samples, starts at 0 without an edit list that a player might ignore.
    """
    written = (
        _programme(plan, rendition, source)
        .filter("volume", volume=f"{gain:.2f}dB", precision="float")
        .output(
            local(output),
            f="mp4",
            acodec="aac",
            map_metadata=-1,
            map_chapters=-1,
            **{"b:a": f"{rendition.bitrate_kbps}k", "bsf:a": "noise=drop=eq(n\\,0)"},
        )
    )
    return command(written, "-progress", "pipe:1")


def loudness_command(plan: EncodePlan, rendition: AudioRendition, source: Path) -> list[str]:
    """ffmpeg's arguments to measure a track as it will be encoded; the summary goes to standard error."""
    measured = _programme(plan, rendition, source).filter("ebur128", peak="true", framelog="quiet")
    return [a if a != "error" else "info" for a in command(measured.output("-", f="null"))]


def _programme(plan: EncodePlan, rendition: AudioRendition, source: Path) -> Any:
    """The track against the picture's first frame: padded or cut at both ends, gaps over 0.1 s filled, mixed."""
    samples = programme_samples(plan)
    start_s = 0.0 if rendition.key else plan.picture.start_s
    demuxer = rendition.demuxer or plan.picture.demuxer
    opened = ffmpeg.input(local(source), f=demuxer, protocol_whitelist="file,pipe")
    return (
        opened[str(rendition.stream)]
        .filter("asetpts", f"PTS-round({start_s:.9f}/TB)")
        .filter("aresample", SAMPLE_RATE, **{"async": 1, "first_pts": 0})
        .filter("aformat", sample_fmts="fltp", channel_layouts=LAYOUTS[rendition.channels])
        .filter("apad", whole_len=samples)
        .filter("atrim", end_sample=samples)
    )


def programme_samples(plan: EncodePlan) -> int:
    """Samples that are as long as the video, to the nearest."""
    return round(plan.picture.frames * SAMPLE_RATE / plan.grid.frame_rate)


def gain_db(rendition: AudioRendition, lufs: float | None, peak_dbtp: float | None) -> float:
    """The one gain for the track: to its target loudness, at most to its peak limit. A silent track gets none."""
    if lufs is None or not math.isfinite(lufs) or lufs < SILENCE_LUFS:
        return 0.0
    gain = min(rendition.target_lufs - lufs, MOST_GAIN_DB)
    if peak_dbtp is not None and math.isfinite(peak_dbtp):
        gain = min(gain, rendition.target_peak_dbtp - peak_dbtp)
    return gain


def _loudness(plan: EncodePlan, rendition: AudioRendition, source: Path) -> tuple[float | None, float | None]:
    """Integrated loudness and true peak: QC's, where it measured this very layout, else measured here."""
    if rendition.measured_lufs is not None:
        return rendition.measured_lufs, rendition.measured_peak_dbtp
    said = run(loudness_command(plan, rendition, source), timeout_s=_time_limit(plan)).stderr
    found = {name: pattern.findall(said) for name, pattern in SUMMARY.items()}
    return tuple(float(found[name][-1]) if found[name] else None for name in ("I", "Peak"))  # type: ignore[return-value]


def check_track(plan: EncodePlan, path: Path, *, where: str) -> None:
    """Raise GateFailed unless an encoded track starts at 0 and is as long as the video."""
    packets = probe(path, "-show_entries", "packet=pts,duration", demuxer="mov")["packets"]
    end, expected = packets[-1]["pts"] + packets[-1]["duration"], programme_samples(plan)
    if packets[0]["pts"] != 0 or abs(end - expected) >= AAC_FRAME:
        got = f"{packets[0]['pts']} to {end}"
        raise GateFailed("the track is not in time with the video", where=where, expected=f"0 to {expected}", got=got)


def _time_limit(plan: EncodePlan) -> float:
    return LEAST_TIMEOUT_S + plan.duration_s * 2
