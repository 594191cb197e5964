"""Encodes one chunk at one rung, once per content key."""

import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import ffmpeg

from marquee.content.media import hardware
from marquee.content.media.hdr_metadata import x265_parameters
from marquee.content.media.keys import content_key
from marquee.content.media.packets import check_chunk
from marquee.content.media.picture import bit_depth, command, programme, seek_point, shaped
from marquee.content.media.watermark import embed
from marquee.content.media.watermark.masks import masks
from marquee.content.media.watermark.pattern import VERSION
from marquee.contracts.plan import Chunk, ChunkJob, ChunkResult, Codec, EncodePlan, Rung
from marquee.storage import Store
from marquee.tools.ffprobe import local
from marquee.tools.process import run

Progress = Callable[[float], None]
"""Called with the fraction done, 0 to 1."""


class Beside(NamedTuple):
    """What an encoder's process makes beside its chunk, of the source that it decodes and the packets that it writes.

    `arguments` gives ffmpeg's further ones from those of the chunk, which is output 0. Files are written into the
    working folder, which `keep` is called with before the chunk is stored.
    """

    arguments: Callable[[list[str], Path], list[str]]
    keep: Callable[[Path], None]


# One thread each: as many chunks as there are cores are encoded at once.
THREADS = 1
# Seconds of maxrate that the buffer holds: a 4 s segment then stays below (4 + 1.5) / 4 = 138 % of the cap.
BUFFER_S = 1.5
# Closed groups without scene cuts, parameter sets in the sample entry alone, no version in the stream.
X265 = ("log-level=error", "open-gop=0", "scenecut=0", "info=0", "repeat-headers=0", "pools=none", "frame-threads=1")
# ffmpeg seeks 3/23 s too early where a demuxer seeks by decoding time; a group of pictures is longer than this.
AIM_S = 0.15
STAMPS = ("PTS", "DTS")
HEVC_TAG = "hvc1"  # the sample entry that Apple's players ask for
LEAST_TIMEOUT_S, TIMEOUT_S_PER_FRAME = 600, 20
FIRST_PASS = 0.2  # of the work of both
PATTERN = Path("/pattern")  # stands for the watermark's file in a recipe


def chunk_commands(
    plan: EncodePlan,
    rung: Rung,
    chunk: Chunk,
    source: Path,
    output: Path,
    *,
    seek_s: float | None = None,
    pattern: Path = PATTERN,
) -> list[list[str]]:
    """ffmpeg's arguments for one chunk: exactly its frames, closed groups of pictures on the grid, stamps from zero.

    Several are run one after the other in one working folder; the last one writes. `seek_s` is where to start decoding
    (see `picture.seek_point`); it has no influence on the result. `pattern` is the watermark's file, for the variants
    of a rendition. Of a rung that is copied the packets are taken as they are.
    """
    rung = rung.of_chunk(chunk)
    if rung.copied:
        return [copy_command(plan, rung, chunk, source, output)]
    node = programme(plan, source, chunk.first_frame, chunk.frames, seek_s=seek_s)
    node = shaped(node, plan.picture, rung.width, rung.height, bit_depth(plan.picture, rung))
    if rung.variant:
        node = embed.marked(node, plan, rung, pattern)
    if by_hardware := hardware.encodes(plan, rung):
        node = hardware.uploaded(node, plan.hardware, bit_depth(plan.picture, rung))
    encoder = _encoder(plan, rung)
    written = node.output(
        local(output),
        f="mp4",
        fps_mode="passthrough",
        video_track_timescale=timescale(plan.grid.frame_rate),
        map_metadata=-1,
        map_chapters=-1,
        **encoder,
    )
    last = command(written, "-progress", "pipe:1", *(hardware.device(plan.hardware) if by_hardware else ()))
    if "pass" not in encoder:
        return [last]
    seen = node.output("-", f="null", fps_mode="passthrough", **encoder | {"pass": 1})
    return [command(seen, "-progress", "pipe:1"), last]


def copy_command(plan: EncodePlan, rung: Rung, chunk: Chunk, source: Path, output: Path) -> list[str]:
    """ffmpeg's arguments to copy a chunk's packets: as many as it has frames, from its key frame on.

    Seeking aims behind that and lands on it. Stamps are put on the grid, from zero.
    """
    picture, rate = plan.picture, plan.grid.frame_rate
    begin_s = picture.start_s + float(chunk.first_frame / rate)
    seek = {"ss": f"{begin_s + AIM_S:.6f}", "seek_timestamp": 1, "noaccurate_seek": None}
    opened = ffmpeg.input(local(source), f=picture.demuxer, protocol_whitelist="file,pipe", **seek)
    scale = timescale(rate)
    ticks = scale // rate.numerator * rate.denominator
    shifted = ":".join(f"{s.lower()}=round({s}-{begin_s:.9f}/TB)" for s in STAMPS)
    on_grid = ":".join(f"{s.lower()}=round({s}/{ticks})*{ticks}" for s in STAMPS)
    stamps = f"setts=time_base=1/{scale}:{shifted},setts={on_grid}:duration={ticks}"
    written = opened[str(picture.stream)].output(
        local(output),
        f="mp4",
        vcodec="copy",
        video_track_timescale=scale,
        map_metadata=-1,
        map_chapters=-1,
        copypriorss=1,
        **{"frames:v": chunk.frames, "bsf:v": stamps},
        **({"vtag": HEVC_TAG} if rung.codec is Codec.HEVC else {}),
    )
    return command(written, "-progress", "pipe:1")


def timescale(rate: Fraction) -> int:
    """Ticks per second in which a frame lasts a whole number of ticks; fine enough for players that round."""
    return rate.numerator * (1 if rate.numerator >= 10_000 else 1000)


def _encoder(plan: EncodePlan, rung: Rung) -> dict[str, Any]:
    """Constant quality under a rate cap. Key frames on the grid and nowhere else, closed groups.

    VP9 has no cap: libvpx takes one only beside a mean rate, which it then spends whatever the quality. It takes no
    later frames as references (alternate references) unless it has seen the chunk in a pass before.
    """
    gop = plan.grid.gop_frames
    common = {
        "crf": rung.crf,
        "maxrate": f"{rung.maxrate_kbps}k",
        "bufsize": f"{round(rung.maxrate_kbps * BUFFER_S)}k",
        "g": gop,
        "threads": THREADS,
    }
    if hardware.encodes(plan, rung):
        return hardware.options(plan, rung, common)
    match rung.codec:
        case Codec.H264:
            grid = {"keyint_min": gop, "sc_threshold": 0, "flags": "+cgop"}
            grid["x264-params"] = _joined("stitchable=1", rung.options)
            return {**common, **grid, "vcodec": "libx264", "preset": rung.preset, "profile:v": "high"}
        case Codec.AV1:
            grid = {"svtav1-params": _joined(f"scd=0:irefresh-type=2:lp={THREADS}", rung.options)}
            return {**common, **grid, "vcodec": "libsvtav1", "preset": rung.preset}
        case Codec.HEVC:
            static = [] if plan.picture.range_in(rung.codec) == "SDR" else x265_parameters(plan.picture)
            said = [*X265, f"keyint={gop}", f"min-keyint={gop}", *static]
            hevc = {"vcodec": "libx265", "preset": rung.preset, "x265-params": ":".join(said)}
            return {**common, **hevc, "vtag": HEVC_TAG}
        case Codec.VP9:
            uncapped = {name: value for name, value in common.items() if name not in ("maxrate", "bufsize")}
            good = {"deadline": "good", "cpu-used": rung.preset, "row-mt": 1, "b:v": 0, "pass": 2}
            return {**uncapped, **good, "vcodec": "libvpx-vp9", "keyint_min": gop, **_named(rung.options)}


def _joined(*options: str) -> str:
    return ":".join(filter(None, options))


def _named(options: str) -> dict[str, str]:
    """`name=value` joined by colons, as ffmpeg takes them."""
    return dict(option.split("=", 1) for option in options.split(":") if option)


def chunk_key(plan: EncodePlan, rung: Rung, chunk: Chunk) -> str:
    """Where the chunk lies in the work store: a hash of all that its bytes depend on, the commands above all."""
    return content_key("chunks", plan, recipe(plan, rung, chunk), suffix=".mp4")


def recipe(plan: EncodePlan, rung: Rung, chunk: Chunk) -> list[str]:
    """What a chunk's bytes depend on beside the film and the encoders."""
    commands = chunk_commands(plan, rung, chunk, Path("/source"), Path("/output"))
    argv = [argument for each in commands for argument in each[1:]]
    return [*argv, plan.watermark, rung.variant, VERSION] if rung.variant else argv


def encode_chunk(
    plan: EncodePlan,
    job: ChunkJob,
    mezzanine: Store,
    work: Store,
    scratch: Path,
    on_progress: Progress = lambda _: None,
    *,
    watermark_key: str = "",
    beside: Beside | None = None,
) -> ChunkResult:
    """Encode one chunk into the work store, or find it there. An interrupted run leaves nothing under the key.

    `beside` is made only where the chunk is.

    Raises GateFailed when the result has other frames or key frames than planned, ToolFailed when ffmpeg fails,
    InvalidInput for another key of the watermark than the plan's, and what `beside` raises.
    """
    rung, chunk = plan.rungs[job.rung], plan.chunks[job.chunk]
    key, started = chunk_key(plan, rung, chunk), time.monotonic()
    reused = work.exists(key)
    if not reused:
        source = mezzanine.fetch(plan.mezzanine_key)
        with TemporaryDirectory(dir=scratch) as name:
            folder = Path(name).absolute()
            output, pattern = folder / "chunk.mp4", folder / "pattern.yuv"
            seek_s = seek_point(source, plan.picture, float(chunk.first_frame / plan.grid.frame_rate))
            if rung.variant:
                strengths = masks(plan, chunk, mezzanine, work, folder)
                embed.write(pattern, plan, rung, chunk, strengths, watermark_key)
            *before, last = chunk_commands(plan, rung, chunk, source, output, seek_s=seek_s, pattern=pattern)
            last += beside.arguments(last, source) if beside else []
            share = FIRST_PASS if before else 0.0
            for argv in before:
                _encode(argv, chunk, folder, on_progress, 0.0, share)
            _encode(last, chunk, folder, on_progress, share, 1.0)
            check_chunk(plan, chunk, output, where=job.name)
            if beside:
                beside.keep(folder)
            work.put(key, output)
    on_progress(1.0)
    seconds = time.monotonic() - started
    return ChunkResult(key=key, frames=chunk.frames, bytes=work.size(key), seconds=seconds, reused=reused)


def _encode(argv: list[str], chunk: Chunk, folder: Path, on_progress: Progress, begin: float, end: float) -> None:
    counter = frame_counter(chunk.frames, lambda done: on_progress(begin + (end - begin) * done))
    run(argv, timeout_s=time_limit(chunk.frames), cwd=folder, on_line=counter)


def time_limit(frames: int) -> float:
    """Seconds after which a process over so many frames has hung."""
    return LEAST_TIMEOUT_S + frames * TIMEOUT_S_PER_FRAME


def clock(duration_s: float, on_progress: Progress) -> Callable[[str], None]:
    """A reader of `-progress` lines that reports the fraction of the programme's time."""

    def read(line: str) -> None:
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.strip().isdigit():
            on_progress(min(1.0, int(value) / 1e6 / duration_s))

    return read


def frame_counter(frames: int, on_progress: Progress) -> Callable[[str], None]:
    """A reader of `-progress` lines that reports the fraction done."""

    def read(line: str) -> None:
        name, _, value = line.partition("=")
        if name == "frame" and value.strip().isdigit():
            on_progress(min(1.0, int(value) / frames))

    return read
