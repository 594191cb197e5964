"""Measures film grain: how strong the noise is that differs from frame to frame, on the flattest parts of a picture."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from marquee.content.media.encode import time_limit
from marquee.content.media.picture import command, programme, seek_point, shaped
from marquee.contracts.plan import Chunk, EncodePlan
from marquee.storage import Store
from marquee.tools.ffprobe import local
from marquee.tools.process import run

BLOCK = 16  # pixels of a side
DARKEST, BRIGHTEST = 24, 226  # mean luma of blocks that count: beyond it noise is cut off at black and white
BANDS = 8  # of brightness: grain of film depends on it
FEWEST = 50  # blocks of a band that says anything
FLATTEST = 0.1  # of a band's blocks
# By so much the deviations of the flattest tenth lie below the mean of all where there is noise and nothing else: 1.755
# standard errors, of 1 / sqrt(2 n) with 253 degrees of freedom.
LOW = 1 - 1.755 / (2 * (BLOCK * BLOCK - 3)) ** 0.5
SAME = 0.05  # mean difference of frames that are one picture held
FRAMES = 3  # of each stretch

Frames = NDArray[np.uint8]
Floats = NDArray[np.float64]


def measure(draft: EncodePlan, stretches: Sequence[Chunk], mezzanine: Store, scratch: Path) -> float:
    """The standard deviation of a programme's grain in luma, in steps of 8 bits: the median over the stretches.

    0 where it has none, or none that could be told from its texture. Raises ToolFailed when it cannot be decoded.
    """
    found = [noise(_frames(draft, stretch, mezzanine, scratch)) for stretch in stretches]
    return round(median(found), 2) if found else 0.0


def noise(frames: Frames) -> float:
    """The standard deviation of the noise in consecutive frames (count, height, width) of one scene.

    Of a block it is what is left over a plane fitted to it, or to its difference from the next frame over the root of
    two, whichever is less: texture that stays is not in the second, movement over a flat wall not in the first.
    """
    luma = frames.astype(np.float64)
    moving = [pair for pair in pairwise(luma) if np.abs(pair[1] - pair[0]).mean() > SAME]
    found = [level for first, second in moving for level in _levels(first, second)]
    return float(median(found)) if found else 0.0


def _levels(first: Floats, second: Floats) -> Iterator[float]:
    """The noise of the flattest blocks in each band of brightness."""
    blocks, changes = _blocks(first), _blocks(second - first)
    deviations = np.minimum(_off_plane(blocks), _off_plane(changes) / np.sqrt(2))
    bands = np.floor((blocks.mean(axis=1) - DARKEST) / (BRIGHTEST - DARKEST) * BANDS)
    for band in range(BANDS):
        own = np.sort(deviations[bands == band])
        if len(own) >= FEWEST:
            yield float(np.mean(own[: max(1, int(len(own) * FLATTEST))])) / LOW


def _blocks(luma: Floats) -> Floats:
    """Whole blocks as rows."""
    height, width = (side // BLOCK for side in luma.shape)
    cut = luma[: height * BLOCK, : width * BLOCK].reshape(height, BLOCK, width, BLOCK)
    return cut.swapaxes(1, 2).reshape(height * width, BLOCK * BLOCK)


def _off_plane(blocks: Floats) -> Floats:
    """The standard deviation of each row from the plane that fits it best."""
    line = np.arange(BLOCK) - (BLOCK - 1) / 2
    planes = np.stack([np.ones(BLOCK * BLOCK), np.tile(line, BLOCK), np.repeat(line, BLOCK)])
    planes /= np.linalg.norm(planes, axis=1, keepdims=True)
    left = np.maximum(0, (blocks**2).sum(axis=1) - ((blocks @ planes.T) ** 2).sum(axis=1))
    deviations: Floats = np.sqrt(left / (BLOCK * BLOCK - len(planes)))
    return deviations


def _frames(draft: EncodePlan, stretch: Chunk, mezzanine: Store, scratch: Path) -> Frames:
    """The luma of the first frames of a stretch."""
    picture, source = draft.picture, mezzanine.fetch(draft.mezzanine_key)
    count = min(FRAMES, stretch.frames)
    seek_s = seek_point(source, picture, float(stretch.first_frame / draft.grid.frame_rate))
    node = shaped(
        programme(draft, source, stretch.first_frame, count, seek_s=seek_s), picture, picture.width, picture.height, 8
    )
    with TemporaryDirectory(dir=scratch) as folder:
        luma = Path(folder) / "luma.gray"
        output = node.filter("extractplanes", "y").output(local(luma), f="rawvideo", fps_mode="passthrough")
        run(command(output), timeout_s=time_limit(count))
        return np.fromfile(luma, np.uint8).reshape(-1, picture.height, picture.width)
