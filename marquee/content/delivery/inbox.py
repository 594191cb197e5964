"""The inbox: which deliveries are complete, and what exactly was delivered."""

import hashlib
import os
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from marquee.content.delivery.sidecar import SERIES_SIDECAR, SIDECAR
from marquee.logs import log
from marquee.storage import file_sha256

DONE = ".done"


def ready_deliveries(
    inbox: Path, settle_s: float, *, sidecar: str = SIDECAR, now: float | None = None
) -> list[tuple[str, str]]:
    """Complete deliveries with this sidecar as (folder name, stamp of the folder's present state), sorted.

    A folder is complete when it holds one and either a `.done` file or nothing in it has changed for `settle_s`
    seconds by Unix time `now`; one with both sidecars is a title's, which intake refuses. Hidden folders are passed
    over; hidden files are no part of a delivery, but one that still grows (rsync's and browsers' temporary files) shows
    that it is not complete. A link to a folder is always ready as a title, so that intake can refuse it.
    """
    if not inbox.is_dir():
        return []
    moment = time.time() if now is None else now
    folders = sorted(p for p in inbox.iterdir() if not p.name.startswith(".") and p.is_dir())
    stamps = [(p.name, _ready_stamp(p, sidecar, settle_s, moment)) for p in folders if _nameable(p)]
    return [(name, stamp) for name, stamp in stamps if stamp]


def fingerprint(folder: Path, known: Mapping[str, str] | None = None) -> str:
    """Hex SHA-256 over the sorted (path, SHA-256 of content) of all delivered files, the sidecar included.

    `known` has hashes by path that need not be computed again. Links and other special files count by what they are;
    nothing is read through them.
    """
    digest = hashlib.sha256()
    for name, path in _delivered(folder):
        sha256 = (known or {}).get(name) or _content(path)
        digest.update(os.fsencode(name) + b"\0" + sha256.encode() + b"\0")
    return digest.hexdigest()


def _ready_stamp(folder: Path, sidecar: str, settle_s: float, now: float) -> str | None:
    try:
        return _stamp(folder) if _sidecar(folder) == sidecar and _complete(folder, settle_s, now) else None
    except OSError as error:  # renamed or removed while we looked, or not ours to read: no reason to stop the others
        log.warning("passed over: this delivery cannot be looked at", folder=folder.name, error=str(error))
        return None


def _sidecar(folder: Path) -> str | None:
    """Which sidecar makes it a delivery."""
    if folder.is_symlink():
        return SIDECAR
    return next((name for name in (SIDECAR, SERIES_SIDECAR) if os.path.lexists(folder / name)), None)


def _complete(folder: Path, settle_s: float, now: float) -> bool:
    if folder.is_symlink():
        return True
    return (folder / DONE).is_file() or _last_change(folder) <= now - settle_s


def _last_change(folder: Path) -> float:
    """Unix time of the latest change to anything in a folder.

    By ctime: copying tools set mtime back to that of the original, ctime moves with every write.
    """
    return max(path.lstat().st_ctime for path in [folder, *folder.rglob("*")])


def _stamp(folder: Path) -> str:
    """Twelve hex digits that change when a file is added, removed or written."""
    states = [(n, s.st_ino, s.st_size, s.st_mtime_ns) for n, p in _delivered(folder) for s in [p.lstat()]]
    return hashlib.sha256(repr((folder.lstat().st_ino, states)).encode()).hexdigest()[:12]


def _delivered(folder: Path) -> Iterator[tuple[str, Path]]:
    """Path relative to the folder, and the path, of all files that are not hidden; sorted; links are not followed."""
    if folder.is_symlink():
        yield "", folder
        return
    walk = ((Path(root), folders, names) for root, folders, names in os.walk(folder))
    found = [root / name for root, folders, names in walk for name in _visible(root, folders, names)]
    for path in sorted(found, key=os.fsencode):
        yield str(path.relative_to(folder)), path


def _visible(root: Path, folders: list[str], names: list[str]) -> list[str]:
    """Names to report below a folder; takes hidden folders out of the walk."""
    folders[:] = [f for f in folders if not f.startswith(".")]
    links = [f for f in folders if (root / f).is_symlink()]
    return [n for n in names if not n.startswith(".")] + links


def _content(path: Path) -> str:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return f"link to {path.readlink()!r}"
    if not stat.S_ISREG(status.st_mode):
        return stat.filemode(status.st_mode)
    return file_sha256(path)


def _nameable(folder: Path) -> bool:
    """Whether a folder's name is Unicode; others cannot be written down anywhere, and would stop all deliveries."""
    try:
        folder.name.encode()
    except UnicodeEncodeError:
        log.warning("passed over: the name of this folder is not UTF-8", folder=ascii(folder.name))
        return False
    return True
