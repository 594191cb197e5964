"""Segments of one writer: durable lines; a segment ends by age, by size, or when asked."""

import fcntl
import os
import secrets
import shutil
import socket
import time
from contextlib import suppress
from pathlib import Path

from marquee.viewing.eventlog.files import CLOSED, LOCK, OPEN, sync_folder

MAX_AGE_S = 30.0
MAX_BYTES = 16 * 1024 * 1024
LOOK_S = 0.1  # how often a writer looks whether its segment is due
# Each write returns when it is on disk: one call instead of two, for which a thread beside a busy one waits its turn.
FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_DSYNC


class Segments:
    """What one writer writes; for one thread. Every method raises OSError, after which it may be called again."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder: Path | None = None
        self._lock = self._file = -1
        self._number = self._durable = self._asked_ns = 0
        self._torn = False
        self._began = self._look_at = 0.0

    @property
    def pending(self) -> bool:
        """Whether a segment with content is still open."""
        return self._file >= 0 and self._durable > 0

    def write(self, content: bytes) -> None:
        """Add whole lines and wait until they are on disk. When this raises, nothing of them will ever be read."""
        self._open()
        self._cut()
        try:
            _write_all(self._file, content)
        except OSError:
            self._torn = True
            with suppress(OSError):
                self._cut()
            raise
        if not self._durable:
            self._began = time.monotonic()
        self._durable += len(content)

    def rotate_if_due(self) -> None:
        """Close the segment when it is big, or when a look now and then shows it old or asked for."""
        now = time.monotonic()
        looking = now >= self._look_at
        if looking:
            self._look_at = now + LOOK_S
        if self.pending and (
            self._durable >= MAX_BYTES or (looking and (now - self._began >= MAX_AGE_S or self._asked))
        ):
            self.rotate()

    def rotate(self) -> None:
        """Close the segment under its final name."""
        if self._folder is None or not self.pending:
            return
        self._cut()
        self._asked_ns = self._touched_ns  # read before: who asks from now on means the next segment
        segment = self._folder / f"{self._number:06d}"
        segment.with_suffix(OPEN).rename(segment.with_suffix(CLOSED))
        os.close(self._file)
        self._file, self._durable = -1, 0
        sync_folder(self._folder)

    def close(self) -> None:
        """Close the segment and give up the folder."""
        try:
            self.rotate()
        finally:
            for descriptor in (self._file, self._lock):
                if descriptor >= 0:
                    os.close(descriptor)
            self._folder, self._lock, self._file, self._durable = None, -1, -1, 0

    @property
    def _touched_ns(self) -> int:
        return os.fstat(self._lock).st_mtime_ns

    @property
    def _asked(self) -> bool:
        return self._touched_ns != self._asked_ns

    def _open(self) -> None:
        if self._folder is None:
            self._folder = self._make_folder()
        if self._file < 0:
            self._number += 1  # a name is never used twice, whatever fails from here on
            path = self._folder / f"{self._number:06d}{OPEN}"
            file = os.open(path, FLAGS, 0o640)
            try:
                sync_folder(self._folder)
            except OSError:
                os.close(file)
                raise
            self._file, self._durable, self._torn = file, 0, False

    def _make_folder(self) -> Path:
        name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(6)}"
        making, folder = self._root / f".{name}", self._root / name
        making.mkdir(parents=True)
        lock = -1
        try:
            lock = os.open(making / LOCK, os.O_RDWR | os.O_CREAT, 0o640)
            fcntl.flock(lock, fcntl.LOCK_EX)
            making.rename(folder)
            sync_folder(self._root)
        except OSError:
            shutil.rmtree(making, ignore_errors=True)
            if lock >= 0:
                os.close(lock)
            raise
        self._lock = lock
        self._asked_ns = self._touched_ns
        return folder

    def _cut(self) -> None:
        """Take off what a failed write left behind the durable part."""
        if self._torn:
            os.ftruncate(self._file, self._durable)
            os.fdatasync(self._file)
            self._torn = False


def _write_all(file: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]
