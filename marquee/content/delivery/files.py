"""Opens the files of a delivery folder without following a link or waiting on a pipe."""

import os
import stat
from pathlib import Path

from marquee.contracts.delivery import RefusalCode
from marquee.contracts.errors import DeliveryRefused, Unavailable

State = tuple[int, int, int, int, int]  # device, inode, size in bytes, mtime and ctime in ns


def regular(folder: Path, name: str, *, limit: int) -> Path:
    """The path of a delivered file that is a plain file of 1 to `limit` bytes.

    Raises DeliveryRefused: file-missing, symlink, not-a-file, empty-file, too-large.
    """
    path = folder / name
    try:
        status = path.lstat()
    except FileNotFoundError:
        present = ", ".join(repr(p.name) for p in sorted(folder.iterdir())[:20]) or "an empty folder"
        raise DeliveryRefused(
            RefusalCode.FILE_MISSING,
            "a named file is not there",
            where=name,
            expected=f"the file {name!r}",
            got=present,
        ) from None
    if stat.S_ISLNK(status.st_mode):
        raise DeliveryRefused(
            RefusalCode.SYMLINK, "links are not followed", where=name, expected="a file", got="a link"
        )
    if not stat.S_ISREG(status.st_mode):
        got = stat.filemode(status.st_mode)
        raise DeliveryRefused(RefusalCode.NOT_A_FILE, "not a plain file", where=name, expected="a file", got=got)
    if status.st_size == 0:
        raise DeliveryRefused(
            RefusalCode.EMPTY_FILE, "the file is empty", where=name, expected="content", got="0 bytes"
        )
    if status.st_size > limit:
        raise DeliveryRefused(
            RefusalCode.TOO_LARGE,
            "the file is too large",
            where=name,
            expected=f"at most {limit} bytes",
            got=f"{status.st_size} bytes",
        )
    return path


def content(folder: Path, name: str, *, limit: int) -> bytes:
    """All bytes of a delivered file. Raises what `regular` raises."""
    path = regular(folder, name, limit=limit)
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        return file.read(limit)


def state(path: Path) -> State:
    """What changes when a file does: ctime moves with every write and cannot be set back."""
    status = path.lstat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


class Watched:
    """The states of a folder and of everything directly in it at the moment of construction."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before = self._states()

    def _states(self) -> dict[str, State]:
        return {path.name: state(path) for path in [self._folder, *self._folder.iterdir()]}

    def confirm(self) -> None:
        """Raises Unavailable when anything was touched since: what was judged may not be what is stored."""
        if touched := sorted(set(self._before.items()) ^ set(self._states().items())):
            raise Unavailable(
                "the delivery changed while it was being taken; it stays in the inbox until it has settled",
                where=self._folder.name,
                expected="no change",
                got=f"a change to {touched[0][0]!r}",
            )
