"""Thumbnails of a release: numbered sprite sheets for DASH, a WebVTT track for other players."""

import math
import shutil
from collections.abc import Sequence
from pathlib import Path

from marquee.contracts.errors import InvalidInput
from marquee.contracts.release import Thumbnails


def copy_sheets(sheets: Sequence[Path], folder: Path) -> None:
    """Copy the sheets to 1.jpg, 2.jpg … in the folder."""
    folder.mkdir(parents=True)
    for number, sheet in enumerate(sheets, start=1):
        shutil.copyfile(sheet, folder / f"{number}.jpg")


def bitrate(sheets: Sequence[Path], thumbnails: Thumbnails) -> int:
    """Bit/s that the largest sheet asks for."""
    return math.ceil(max(sheet.stat().st_size for sheet in sheets) * 8 / thumbnails.sheet_s)


def require_cover(thumbnails: Thumbnails, duration_s: float) -> None:
    """Raise InvalidInput unless the sheets cover the programme, and none lies wholly after its end."""
    needed = _count(duration_s, thumbnails.sheet_s)
    if len(thumbnails.sheets) != needed:
        got = str(len(thumbnails.sheets))
        raise InvalidInput("wrong number of sprite sheets", where="thumbnails", expected=str(needed), got=got)


def webvtt(thumbnails: Thumbnails, duration_s: float) -> str:
    """One cue per tile, its picture as a spatial fragment of a sheet (W3C Media Fragments)."""
    per_sheet = thumbnails.columns * thumbnails.rows
    cues = []
    for index in range(_count(duration_s, thumbnails.interval_s)):
        start, end = index * thumbnails.interval_s, min((index + 1) * thumbnails.interval_s, duration_s)
        row, column = divmod(index % per_sheet, thumbnails.columns)
        x, y = column * thumbnails.tile_width, row * thumbnails.tile_height
        picture = f"{index // per_sheet + 1}.jpg#xywh={x},{y},{thumbnails.tile_width},{thumbnails.tile_height}"
        cues.append(f"{_clock(start)} --> {_clock(end)}\n{picture}\n")
    return "WEBVTT\n\n" + "\n".join(cues)


def _count(whole_s: float, each_s: float) -> int:
    """How many of a length cover a whole; a rest below a millisecond is rounding, not another one."""
    return math.ceil((whole_s - 0.001) / each_s)


def _clock(seconds: float) -> str:
    total_ms = round(seconds * 1000)
    minutes, ms = divmod(total_ms, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{ms // 1000:02d}.{ms % 1000:03d}"
