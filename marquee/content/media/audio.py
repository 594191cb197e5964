"""Encodes audio tracks: each once and whole, in step with the picture, at the target loudness."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ffmpeg

from marquee.content.media.audio_codecs import SAMPLE_RATE, coding, encoder_options
from marquee.content.media.encode import LEAST_TIMEOUT_S, Progress, clock
from marquee.content.media.keys import content_key
from marquee.content.media.loudness import Level, level, levelled, measure, measure_command, true_peak_dbtp
from marquee.content.media.picture import command
from marquee.contracts.errors import GateFailed
from marquee.contracts.plan import AudioRendition, EncodePlan
from marquee.storage import Store
from marquee.tools.ffprobe import local, probe
from marquee.tools.process import run

LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
# ITU-R BS.775-3, annex 4, table 2: 3/2 to 2/0 is L + 0.7071 C + 0.7071 Ls, without the low-frequency channel. The table
# ends at 3/2: the sides of 7.1 are taken like its backs.
DOWNMIX = {"center_mix_level": 0.7071, "surround_mix_level": 0.7071, "lfe_mix_level": 0}
TRIES = 4  # a lossy codec moves peaks by tenths of a decibel: the limiter's ceiling is lowered by what it overshot
MARGIN_DB = 0.1  # ebur128 says tenths


def audio_key(plan: EncodePlan, rendition: AudioRendition) -> str:
    """Where an audio rendition lies in the work store: plans that agree on its sound share it."""
    limited = Level(ceiling_dbtp=rendition.target_peak_dbtp)
    recipe = audio_command(plan, rendition, Path("/source"), Path("/output"), limited)[1:]
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

    48 kHz, exactly as long as the video and in time with it. Normalisation is one gain for the whole track, what
    loudnorm calls linear; peaks that would pass the true-peak limit by it are limited, as measured on what was encoded.

    Raises GateFailed when the result does not start with the video, has another length or passes the true-peak limit,
    ToolFailed when ffmpeg fails.
    """
    key = audio_key(plan, rendition)
    if work.exists(key):
        return key
    source = mezzanine.fetch(rendition.key or plan.mezzanine_key)
    wanted = level(rendition, *_loudness(plan, rendition, source))
    with TemporaryDirectory(dir=scratch) as folder:
        output = Path(folder) / "track.mp4"
        _encode_below_peak(plan, rendition, source, output, wanted, on_progress)
        check_track(plan, rendition, output)
        work.put(key, output)
    on_progress(1.0)
    return key


def _encode_below_peak(
    plan: EncodePlan, rendition: AudioRendition, source: Path, output: Path, made: Level, on_progress: Progress
) -> None:
    """Encode, measure, and encode again with a lower ceiling while the true peak passes its limit."""
    most = rendition.target_peak_dbtp
    for _ in range(TRIES):
        argv = audio_command(plan, rendition, source, output, made)
        run(argv, timeout_s=_time_limit(plan), on_line=clock(plan.duration_s, on_progress))
        peak = true_peak_dbtp(output, _time_limit(plan))
        if peak <= most:
            return
        ceiling = most if made.ceiling_dbtp is None else made.ceiling_dbtp
        made = Level(made.gain_db, ceiling - (peak - most) - MARGIN_DB)
    raise GateFailed(
        "the true peak stays above its limit", where=rendition.name, expected=f"{most} dBTP", got=f"{peak}"
    )


def audio_command(plan: EncodePlan, rendition: AudioRendition, source: Path, output: Path, made: Level) -> list[str]:
    """ffmpeg's arguments for a track at a level."""
    sound = levelled(_programme(plan, rendition, source), made)
    delay, samples = coding(rendition).delay, programme_samples(plan)
    if delay:
        sound = sound.filter("atrim", start_sample=delay).filter("asetpts", "N/SR/TB")
    written = _as_long_as(sound, samples).output(
        local(output), f="mp4", map_metadata=-1, map_chapters=-1, **encoder_options(rendition)
    )
    return command(written, "-progress", "pipe:1")


def _programme(plan: EncodePlan, rendition: AudioRendition, source: Path) -> Any:
    """The track against the picture's first frame: padded or cut at both ends, gaps over 0.1 s filled, mixed."""
    start_s = 0.0 if rendition.key else plan.picture.start_s
    demuxer = rendition.demuxer or plan.picture.demuxer
    opened = ffmpeg.input(local(source), f=demuxer, protocol_whitelist="file,pipe")
    timed = (
        opened[str(rendition.stream)]
        .filter("asetpts", f"PTS-round({start_s:.9f}/TB)")
        .filter("aresample", SAMPLE_RATE, **{"async": 1, "first_pts": 0})
    )
    return _as_long_as(_mixed(timed, rendition.channels), programme_samples(plan))


def _mixed(node: Any, channels: int) -> Any:
    """The sound in a rendition's channels. Floats are not scaled down to make room for the sum of channels."""
    node = node.filter("aformat", sample_fmts="fltp")
    return node.filter("aresample", SAMPLE_RATE, out_chlayout=LAYOUTS[channels], **DOWNMIX)


def _as_long_as(node: Any, samples: int) -> Any:
    return node.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)


def programme_samples(plan: EncodePlan) -> int:
    """Samples that are as long as the video, to the nearest."""
    return round(plan.picture.frames * SAMPLE_RATE / plan.grid.frame_rate)


def _loudness(plan: EncodePlan, rendition: AudioRendition, source: Path) -> tuple[float | None, float | None]:
    """Integrated loudness and true peak: QC's, where it measured this very layout, else measured here."""
    if rendition.measured_lufs is not None:
        return rendition.measured_lufs, rendition.measured_peak_dbtp
    return measure(measure_command(_programme(plan, rendition, source)), _time_limit(plan))


def check_track(plan: EncodePlan, rendition: AudioRendition, path: Path) -> None:
    """Raise GateFailed unless an encoded track starts with the video and is as long."""
    packets = probe(path, "-show_entries", "packet=pts,duration", demuxer="mov")["packets"]
    first, end = packets[0]["pts"], packets[-1]["pts"] + packets[-1]["duration"]
    start, expected = -coding(rendition).pre_skip, programme_samples(plan)
    if first != start or abs(end - expected) >= coding(rendition).frame:
        got, wanted = f"{first} to {end}", f"{start} to {expected}"
        raise GateFailed("the track is not in time with the video", where=rendition.name, expected=wanted, got=got)


def _time_limit(plan: EncodePlan) -> float:
    return LEAST_TIMEOUT_S + plan.duration_s * 2
