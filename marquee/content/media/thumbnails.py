"""Makes seek-bar thumbnails, and a poster where the delivery has none."""

import math
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ffmpeg
from PIL import Image

from marquee.content.media.artwork import box_of
from marquee.content.media.encode import Progress, clock, time_limit
from marquee.content.media.keys import content_key
from marquee.content.media.picture import command, programme, shaped
from marquee.contracts.artwork import Rectangle
from marquee.contracts.plan import EncodePlan
from marquee.contracts.release import Thumbnails
from marquee.storage import Store
from marquee.tools.ffprobe import local
from marquee.tools.process import run

TILE_SIDE = 320
MOST_COLUMNS = MOST_ROWS = 10
SHEET_QUALITY, ART_QUALITY = 5, 2  # mjpeg's quantiser
LONGEST_ART_SIDE = 1920
# Where a poster is looked for: how many places, how long each, how many frames of it.
LOOKS, LOOK_S, LOOK_FRAMES = 5, 2.0, 8


def make_thumbnails(
    plan: EncodePlan, mezzanine: Store, work: Store, scratch: Path, on_progress: Progress = lambda _: None
) -> Thumbnails:
    """Make sprite sheets, a tile per segment, showing the segment's first frame; and frames for artwork.

    What is in the work store already is kept; the description lies beside the sheets, written last.
    """
    home = sheets_folder(plan)
    index = f"{home}/thumbnails.json"
    if not work.exists(index):
        sheets = _description(plan)
        with TemporaryDirectory(dir=scratch) as name:
            folder = Path(name)
            source = mezzanine.fetch(plan.mezzanine_key)
            timeout_s = time_limit(plan.picture.frames)
            argv = sheets_command(plan, sheets, source, folder)
            run(argv, timeout_s=timeout_s, on_line=clock(plan.duration_s, on_progress))
            for picture in (*sheets.sheets, *_looks(plan)):
                work.put(f"{home}/{picture}", folder / picture)
        work.write(index, sheets.model_dump_json().encode())
    on_progress(1.0)
    return Thumbnails.model_validate_json(work.read(index))


def sheets_folder(plan: EncodePlan) -> str:
    """Where the sheets lie in the work store: plans that agree on the picture and its segments share them."""
    recipe = sheets_command(plan, _description(plan), Path("/source"), Path("/output"))[1:]
    return content_key("thumbs", plan, recipe)


def _description(plan: EncodePlan) -> Thumbnails:
    """Sheets no larger than the tiles need, all of one size."""
    tiles = math.ceil(plan.picture.frames / plan.grid.segment_frames)
    columns = min(MOST_COLUMNS, tiles)
    rows = min(MOST_ROWS, math.ceil(tiles / columns))
    width, height = _within(plan.picture.width, plan.picture.height, TILE_SIDE)
    return Thumbnails(
        sheets=tuple(f"{n}.jpg" for n in range(1, math.ceil(tiles / (columns * rows)) + 1)),
        columns=columns,
        rows=rows,
        tile_width=width,
        tile_height=height,
        interval_s=float(plan.grid.segment_s),
    )


def sheets_command(plan: EncodePlan, sheets: Thumbnails, source: Path, folder: Path) -> list[str]:
    """ffmpeg's arguments to write sheets and looks into the folder: one decode of the whole source."""
    looks = _looks(plan)
    frames = programme(plan, source, 0, plan.picture.frames).filter_multi_output("split", len(looks) + 1)
    written = [_look(plan, frames[n], look, folder / name) for n, (name, look) in enumerate(looks.items(), start=1)]
    return command(ffmpeg.merge_outputs(_sheets(plan, frames[0], sheets, folder), *written), "-progress", "pipe:1")


def _sheets(plan: EncodePlan, frames: Any, sheets: Thumbnails, folder: Path) -> Any:
    chosen = frames.filter("select", f"not(mod(n,{plan.grid.segment_frames}))")
    tiles = shaped(chosen, plan.picture, sheets.tile_width, sheets.tile_height, 8)
    grid = _full_range(tiles).filter("tile", layout=f"{sheets.columns}x{sheets.rows}")
    return grid.output(local(folder / "%d.jpg"), f="image2", fps_mode="passthrough", **{"q:v": SHEET_QUALITY})


def _looks(plan: EncodePlan) -> dict[str, range]:
    """Short stretches of the programme by the name of the frame that is taken of each; black leaders and credits are
    spared."""
    length = min(plan.picture.frames, max(1, round(LOOK_S * plan.grid.frame_rate)))
    starts = {(plan.picture.frames - length) * look // (LOOKS + 1) for look in range(1, LOOKS + 1)}
    return {f"look-{first}.jpg": range(first, first + length) for first in sorted(starts)}


def _look(plan: EncodePlan, frames: Any, look: range, output: Path) -> Any:
    """The sampled frame nearest to the mean histogram of a stretch."""
    width, height = _within(plan.picture.width, plan.picture.height, LONGEST_ART_SIDE)
    stretch = frames.filter("trim", start_frame=look.start, end_frame=look.stop)
    sample = stretch.filter("select", f"not(mod(n,{math.ceil(len(look) / LOOK_FRAMES)}))")
    frame = _full_range(shaped(sample, plan.picture, width, height, 8)).filter("thumbnail", n=LOOK_FRAMES)
    return frame.output(local(output), f="image2", update=1, **{"frames:v": 1, "q:v": ART_QUALITY})


def make_artwork(plan: EncodePlan, mezzanine: Store, work: Store, scratch: Path) -> dict[str, str]:
    """Poster (2:3) and backdrop (the whole frame) of a representative frame: kinds to keys in the work store.

    The frame is found as thumbnails are made. Kinds that were delivered are not made.
    """
    keys = {kind: f"{plan.hash}/art/{kind}.jpg" for kind in ("poster", "backdrop") if kind not in plan.artwork}
    if all(work.exists(key) for key in keys.values()):
        return keys
    make_thumbnails(plan, mezzanine, work, scratch)
    frame = max((work.fetch(f"{sheets_folder(plan)}/{name}") for name in _looks(plan)), key=_interest)
    with TemporaryDirectory(dir=scratch) as folder:
        for kind, key in keys.items():
            picture = Path(folder) / f"{kind}.jpg"
            with Image.open(frame) as image:
                _cropped(image, kind).save(picture, quality=90)
            work.put(key, picture)
    return keys


def _interest(path: Path) -> float:
    """Entropy of the histogram: black, white and flat frames have little."""
    with Image.open(path) as image:
        return float(image.convert("L").entropy())


def _cropped(image: Image.Image, kind: str) -> Image.Image:
    """The middle of the picture in a poster's shape; a backdrop stays as it is."""
    return image.crop(box_of(kind, *image.size, Rectangle()))


def _within(width: int, height: int, side: int) -> tuple[int, int]:
    """Even width and height of the same shape, no side longer than `side`."""
    shrink = min(1.0, side / max(width, height))
    return max(2, round(width * shrink / 2) * 2), max(2, round(height * shrink / 2) * 2)


def _full_range(node: Any) -> Any:
    """JPEG's own levels."""
    return node.filter("scale", out_range="full").filter("format", pix_fmts="yuvj420p")
