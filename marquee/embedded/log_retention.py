"""Keeps folders of logs small where whoever writes them does not: those of Airflow's tasks."""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from marquee.settings import Settings

MIB = 1 << 20
EMPTY_FOR_S = 3600  # a folder as new as that may be one into which a task is about to write


@dataclass(frozen=True)
class Kept:
    """What a folder may hold: the youngest files up to so many MiB together, and none older than so many days."""

    folder: Path
    megabytes: int
    days: int


@dataclass(frozen=True)
class Pruned:
    """How many files went, of how many bytes."""

    files: int = 0
    bytes: int = 0


def of_machine(s: Settings) -> tuple[Kept, ...]:
    """The folders of the embedded servers. The supervisor bounds the logs that it writes itself."""
    return (Kept(s.home / "logs" / "airflow", s.log_mb, s.log_days),)


def prune(kept: Kept, now: float | None = None) -> Pruned:
    """Remove what is too old or too much, and folders that are empty. The youngest file always stays."""
    now = time.time() if now is None else now
    oldest, left, gone = now - kept.days * 86_400, kept.megabytes * MIB, Pruned()
    for number, (changed, size, path) in enumerate(sorted(_files(kept.folder), reverse=True)):
        left -= size
        if number and (left < 0 or changed < oldest):
            path.unlink(missing_ok=True)
            gone = Pruned(gone.files + 1, gone.bytes + size)
    _remove_empty(kept.folder, now)
    return gone


def _files(folder: Path) -> list[tuple[float, int, Path]]:
    """Time of the last change, size and path of all files below a folder."""
    found = []
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            if path.is_file() and not path.is_symlink():
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
    return found


def _remove_empty(folder: Path, now: float) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):  # what lies within comes first
        with suppress(OSError):
            if path.is_dir() and path.stat().st_mtime < now - EMPTY_FOR_S:
                path.rmdir()
