"""Chooses the stretches of a programme that stand for the whole: single groups of pictures, spread evenly."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from marquee.contracts.plan import Chunk, EncodePlan, Grid, Picture
from marquee.tools.binaries import ffprobe
from marquee.tools.ffprobe import local
from marquee.tools.process import run

SHARE = Fraction(1, 20)  # of the groups of pictures at most: the search then takes about a tenth of the encode
MOST = 24
TIMEOUT_S = 3600


def choose(source: Path, picture: Picture, grid: Grid) -> tuple[Chunk, ...]:
    """One group of pictures from each of a few equal spans: the one whose source bytes are nearest the span's mean.

    The bytes that a source spends on a passage are a measure of its complexity that needs no decoding. Raises
    ToolFailed when the source cannot be read.
    """
    whole = max(1, picture.frames // grid.gop_frames)
    count = min(MOST, max(1, int(whole * SHARE)))
    chosen = typical(group_bytes(source, picture, grid, whole), count)
    frames = min(grid.gop_frames, picture.frames)
    return tuple(Chunk(index=i, first_frame=n * grid.gop_frames, frames=frames) for i, n in enumerate(chosen))


def of_chunks(source: Path, draft: EncodePlan) -> tuple[Chunk, ...]:
    """One group of pictures from each chunk of a draft, chosen as above. Raises as `choose` does."""
    picture, grid = draft.picture, draft.grid
    whole = max(1, picture.frames // grid.gop_frames)
    weights = group_bytes(source, picture, grid, whole)
    chosen = [_nearest(weights, _groups(chunk, grid, whole)) for chunk in draft.chunks]
    frames = min(grid.gop_frames, picture.frames)
    return tuple(Chunk(index=i, first_frame=n * grid.gop_frames, frames=frames) for i, n in enumerate(chosen))


def _groups(chunk: Chunk, grid: Grid, whole: int) -> range:
    """The whole groups of pictures in a chunk."""
    first = chunk.first_frame // grid.gop_frames
    return range(first, max(first + 1, min(whole, (chunk.first_frame + chunk.frames) // grid.gop_frames)))


def typical(weights: Sequence[float], count: int) -> list[int]:
    """Of each of `count` equal spans the place whose weight is nearest the span's mean; the middle one of equals."""
    borders = [len(weights) * n // count for n in range(count + 1)]
    return [_nearest(weights, range(*span)) for span in pairwise(borders)]


def _nearest(weights: Sequence[float], span: range) -> int:
    mean, middle = fmean(weights[n] for n in span), (span.start + span.stop - 1) / 2
    return min(span, key=lambda n: (abs(weights[n] - mean), abs(n - middle)))


def group_bytes(source: Path, picture: Picture, grid: Grid, groups: int) -> list[float]:
    """Bytes of the source's picture in the time of each group of pictures. Raises ToolFailed."""
    found = [0.0] * groups
    seconds = float(grid.gop_frames / grid.frame_rate)

    def add(line: str) -> None:
        stamp, size = [*line.split(","), ""][:2]
        place = _group(stamp, picture.start_s, seconds)
        if place is not None and 0 <= place < groups and size.isdigit():
            found[place] += int(size)

    entries = ["-select_streams", str(picture.stream), "-show_entries", "packet=pts_time,size", "-of", "csv=p=0"]
    form = ["-f", picture.demuxer, "-protocol_whitelist", "file,pipe"]
    run([ffprobe(), "-v", "error", *form, *entries, local(source)], timeout_s=TIMEOUT_S, on_line=add)
    return found


def _group(stamp: str, start_s: float, seconds: float) -> int | None:
    try:
        return int((float(stamp) - start_s) // seconds)
    except ValueError:  # a packet without a stamp
        return None
