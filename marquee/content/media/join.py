"""Joins chunks into a rendition by stream copy.

Video keeps the edit list that ffmpeg's MP4 writer adds for reordered frames: Shaka Packager carries it into the init
segment, and presentation starts at 0. Without it (negative composition offsets) players on libavformat would present
the packaged video late by the reordering delay.
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import ffmpeg

from marquee.content.media.encode import HEVC_TAG, chunk_key, recipe, time_limit, timescale
from marquee.content.media.keys import content_key
from marquee.content.media.packets import check_packets, read_packets
from marquee.content.media.picture import command
from marquee.contracts.plan import Chunk, Codec, EncodePlan, Rung
from marquee.storage import Store
from marquee.tools.ffprobe import local
from marquee.tools.process import run


def rendition_key(plan: EncodePlan, rung: Rung) -> str:
    """Where a joined video rendition lies in the work store: plans that agree on its picture share it."""
    whole = Chunk(index=0, first_frame=0, frames=plan.picture.frames)
    encoded = recipe(plan, rung, whole)
    joined = join_command(plan, rung, Path("/listing"), Path("/output"))[1:]
    cuts = [(chunk.first_frame, chunk.frames, *rung.crfs[chunk.index :][:1]) for chunk in plan.chunks]
    return content_key("video", plan, encoded, cuts, joined, suffix=".mp4")


def join_command(plan: EncodePlan, rung: Rung, listing: Path, output: Path) -> list[str]:
    """ffmpeg's arguments to join the files of a concat listing.

    The joiner counts in microseconds; `setts` puts every stamp back on the grid.
    """
    scale = timescale(plan.grid.frame_rate)
    ticks = scale // plan.grid.frame_rate.numerator * plan.grid.frame_rate.denominator
    on_grid = "setts=" + ":".join(f"{stamp.lower()}=round({stamp}/{ticks})*{ticks}" for stamp in ("PTS", "DTS"))
    joined = ffmpeg.input(local(listing), f="concat", safe=0, auto_convert=0, protocol_whitelist="file,pipe")
    written = joined["v"].output(
        local(output),
        f="mp4",
        vcodec="copy",
        video_track_timescale=scale,
        map_metadata=-1,
        **({"vtag": HEVC_TAG} if rung.codec is Codec.HEVC else {}),
        **{"bsf:v": f"{on_grid}:duration={ticks}"},
    )
    return command(written)


def join_rendition(plan: EncodePlan, rung: Rung, work: Store, scratch: Path) -> str:
    """Join a rung's chunks and return the key of the result; one that is there is kept.

    Raises NotFound when a chunk is missing, GateFailed when frames or key frames are not as planned.
    """
    key = rendition_key(plan, rung)
    if work.exists(key):
        return key
    join(plan, rung, [work.fetch(chunk_key(plan, rung, chunk)) for chunk in plan.chunks], work, scratch)
    return key


def join(plan: EncodePlan, rung: Rung, parts: Sequence[Path], work: Store, scratch: Path) -> None:
    """Store what consecutive parts of a rendition give. Raises GateFailed when frames or key frames are not as planned.

    A whole rendition that was encoded before is one part.
    """
    with TemporaryDirectory(dir=scratch) as folder:
        listing, output = Path(folder) / "parts.txt", Path(folder) / "joined.mp4"
        listing.write_text("ffconcat version 1.0\n" + "".join(f"file {_quoted(path)}\n" for path in parts))
        run(join_command(plan, rung, listing, output), timeout_s=time_limit(plan.picture.frames))
        check_packets(read_packets(output), plan, plan.picture.frames, where=rung.name)
        work.put(rendition_key(plan, rung), output)


def _quoted(path: Path) -> str:
    """A path in the quoting of ffmpeg's concat listings."""
    return "'" + local(path).replace("'", r"'\''") + "'"
