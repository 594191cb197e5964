"""Segments of one writer: durable lines; a segment ends by age, by size, or when asked."""

import fcntl
import os
import secrets
import shutil
import socket
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from marquee.storage import sync
from marquee.viewing.eventlog.files import CLOSED, LOCK, OPEN

MAX_AGE_S = 30.0
MAX_BYTES = 16 * 1024 * 1024
LOOK_S = 0.1  # how often a writer looks whether its segment is due
MODE = 0o640
# Each write returns when it is on disk: one call instead of two, for which a thread beside a busy one waits its turn.
FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_DSYNC


class Segments:
    """What one writer writes; for one thread. Every method raises OSError, after which it may be called again."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder: _Folder | None = None
        self._segment: _Segment | None = None
        self._numbers = count(1)
        self._look_at = 0.0

    @property
    def pending(self) -> bool:
        """Whether a segment with content is still open."""
        return self._pending is not None

    @property
    def _pending(self) -> "_Segment | None":
        return self._segment if self._segment and self._segment.durable else None

    def write(self, content: bytes) -> None:
        """Add whole lines and wait until they are on disk. When this raises, nothing of them will ever be read."""
        self._folder = self._folder or _made(self._root)
        self._segment = self._segment or self._opened(self._folder)
        self._segment.append(content)

    def rotate_if_due(self) -> None:
        """Close the segment when it is big, or when a look now and then shows it old or asked for."""
        now = time.monotonic()
        looking = now >= self._look_at
        if looking:
            self._look_at = now + LOOK_S
        if (segment := self._pending) and (
            segment.durable >= MAX_BYTES or (looking and (now - segment.began >= MAX_AGE_S or segment.folder.asked))
        ):
            self.rotate()

    def rotate(self) -> None:
        """Close the segment under its final name."""
        if segment := self._pending:
            segment.cut()
            segment.folder.answered_ns = segment.folder.touched_ns  # before: who asks from now on means the next one
            segment.path.rename(segment.path.with_suffix(CLOSED))
            os.close(segment.file)
            self._segment = None
            sync(segment.folder.path)

    def close(self) -> None:
        """Close the segment and give up the folder."""
        try:
            self.rotate()
        finally:
            if self._segment:
                os.close(self._segment.file)
            if self._folder:
                os.close(self._folder.lock)
            self._segment = self._folder = None

    def _opened(self, folder: "_Folder") -> "_Segment":
        path = folder.path / f"{next(self._numbers):06d}{OPEN}"  # never used twice, whatever fails from here on
        file = os.open(path, FLAGS, MODE)
        try:
            sync(folder.path)
        except OSError:
            os.close(file)
            raise
        return _Segment(folder, path, file, began=time.monotonic())


@dataclass
class _Folder:
    """A writer's folder and the lock that it holds; touching the lock asks for the segment."""

    path: Path
    lock: int
    answered_ns: int

    @property
    def touched_ns(self) -> int:
        return os.fstat(self.lock).st_mtime_ns

    @property
    def asked(self) -> bool:
        return self.touched_ns != self.answered_ns


@dataclass
class _Segment:
    """The segment that is open: so many bytes of it are acknowledged; what follows was torn off by a failure."""

    folder: _Folder
    path: Path
    file: int
    began: float
    durable: int = 0
    torn: bool = False

    def append(self, content: bytes) -> None:
        self.cut()
        try:
            _write_all(self.file, content)
        except OSError:
            self.torn = True
            with suppress(OSError):
                self.cut()
            raise
        self.durable += len(content)

    def cut(self) -> None:
        """Take off what a failed write left behind the durable part."""
        if self.torn:
            os.ftruncate(self.file, self.durable)
            os.fdatasync(self.file)
            self.torn = False


def _made(root: Path) -> _Folder:
    """A new writer's folder. It has a hidden name until its lock is held."""
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(6)}"
    making, path = root / f".{name}", root / name
    making.mkdir(parents=True)
    with ExitStack() as undoing:
        undoing.callback(shutil.rmtree, making, ignore_errors=True)
        lock = os.open(making / LOCK, os.O_RDWR | os.O_CREAT, MODE)
        undoing.callback(os.close, lock)
        fcntl.flock(lock, fcntl.LOCK_EX)
        making.rename(path)
        sync(root)
        undoing.pop_all()
    return _Folder(path, lock, answered_ns=os.fstat(lock).st_mtime_ns)


def _write_all(file: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]
