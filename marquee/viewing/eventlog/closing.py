"""Closes segments before shipping, so that everything acknowledged can be shipped."""

import os
import shutil
import time
from pathlib import Path

from marquee.logs import log
from marquee.storage import sync
from marquee.viewing.eventlog.files import CLOSED, LOCK, OPEN, locked, writers

PATIENCE_S = 10.0
LOOK_S = 0.02


def close_segments(root: Path) -> None:
    """Have live writers close their segments, and close those of dead ones.

    A writer that neither answers nor dies (a stopped process) keeps its open segment for the next time.
    """
    deadline = time.monotonic() + PATIENCE_S
    asked = {folder: _open_segments(folder) for folder in writers(root) if not _close_dead(folder)}
    for folder, segments in asked.items():
        if segments:
            os.utime(folder / LOCK)
    for folder, segments in asked.items():
        while left := [segment for segment in segments if segment.exists() and not _close_dead(folder)]:
            if time.monotonic() > deadline:
                log.warning("writer does not answer", writer=folder.name, segments=len(left))
                break
            time.sleep(LOOK_S)


def remove_if_done(folder: Path, bin_: Path) -> None:
    """Remove the folder of a dead writer that has nothing left. It goes into the bin first, and out of sight whole."""
    with locked(folder / LOCK, wait=False) as dead:
        if dead and {path.name for path in folder.iterdir()} == {LOCK}:
            bin_.mkdir()
            folder.rename(bin_ / folder.name)
            shutil.rmtree(bin_)


def _open_segments(folder: Path) -> list[Path]:
    return [path for path in folder.glob(f"*{OPEN}") if _size(path)]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # closed in the meantime
        return 0


def _close_dead(folder: Path) -> bool:
    """Whether the writer is dead; its segments are closed then."""
    with locked(folder / LOCK, wait=False) as dead:
        if dead:
            for path in folder.glob(f"*{OPEN}"):
                path.rename(path.with_suffix(CLOSED))
            sync(folder)
    return dead
