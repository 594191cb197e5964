"""Loudness of a track (ITU-R BS.1770, EBU R 128): measured, brought to its target by one gain, its peaks limited."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from marquee.content.media.audio_codecs import SAMPLE_RATE
from marquee.content.media.picture import command
from marquee.contracts.plan import AudioRendition
from marquee.tools.ffprobe import local
from marquee.tools.process import run

SILENCE_LUFS = -69.0  # the gate of ITU-R BS.1770 lies at -70: a track below has no loudness
MOST_GAIN_DB = 20.0  # beyond that one would publish noise
MOST_LIMITING_DB = 6.0  # taken off the highest peaks; beyond that one hears the limiter, and the track stays quieter
OVERSAMPLING = 4  # true peaks lie between samples (ITU-R BS.1770-4, annex 2)
ATTACK_MS, RELEASE_MS = 5, 50
SUMMARY = {name: re.compile(rf"^\s+{name}:\s+(\S+) (?:LUFS|dBFS)", re.MULTILINE) for name in ("I", "Peak")}


@dataclass(frozen=True)
class Level:
    """What is done to a whole track: one gain in dB, then, unless it is None, peaks held at `ceiling_dbtp`."""

    gain_db: float = 0.0
    ceiling_dbtp: float | None = None


def level(rendition: AudioRendition, lufs: float | None, peak_dbtp: float | None) -> Level:
    """The gain to the target loudness, and a limiter where the true peak would pass its limit by it."""
    gain = gain_db(rendition, lufs, peak_dbtp)
    over = peak_dbtp is not None and peak_dbtp + gain > rendition.target_peak_dbtp
    return Level(gain, rendition.target_peak_dbtp if over else None)


def gain_db(rendition: AudioRendition, lufs: float | None, peak_dbtp: float | None) -> float:
    """The one gain for the track: to its target loudness, as far as the limiter may go. A silent track gets none."""
    if lufs is None or not math.isfinite(lufs) or lufs < SILENCE_LUFS:
        return 0.0
    gain = min(rendition.target_lufs - lufs, MOST_GAIN_DB)
    if peak_dbtp is not None and math.isfinite(peak_dbtp):
        gain = min(gain, rendition.target_peak_dbtp + MOST_LIMITING_DB - peak_dbtp)
    return gain


def levelled(node: Any, made: Level) -> Any:
    """A filter node at its level. The limiter works at four times the sampling rate and delays nothing."""
    node = node.filter("volume", volume=f"{made.gain_db:.2f}dB", precision="float")
    if made.ceiling_dbtp is None:
        return node
    limit = f"{10 ** (made.ceiling_dbtp / 20):.6f}"
    return (
        node.filter("aresample", SAMPLE_RATE * OVERSAMPLING)
        .filter("alimiter", limit=limit, attack=ATTACK_MS, release=RELEASE_MS, level=0, latency=1)
        .filter("aresample", SAMPLE_RATE)
    )


def measure_command(node: Any) -> list[str]:
    """ffmpeg's arguments to measure a filter node; the summary goes to standard error."""
    measured = node.filter("ebur128", peak="true", framelog="quiet")
    return [a if a != "error" else "info" for a in command(measured.output("-", f="null"))]


def measure(argv: Sequence[str], timeout_s: float) -> tuple[float | None, float | None]:
    """Integrated loudness in LUFS and true peak in dBTP, as a `measure_command` says them; None where it does not."""
    said = run(argv, timeout_s=timeout_s).stderr
    lufs, peak = (pattern.findall(said) for pattern in SUMMARY.values())
    return float(lufs[-1]) if lufs else None, float(peak[-1]) if peak else None


def true_peak_dbtp(path: Path, timeout_s: float) -> float:
    """The true peak of an encoded track; minus infinity for silence."""
    opened = ffmpeg.input(local(path), f="mov", protocol_whitelist="file,pipe")
    peak = measure(measure_command(opened["a:0"]), timeout_s)[1]
    return -math.inf if peak is None else peak
