"""Append-only log of one process: many callers, one writing thread, one flush for all who wait.

Whoever's lines came while the disk was busy with the last group make the next one. So an acknowledged line is on disk,
and the number of flushes does not grow with the number of callers.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path

from marquee.contracts.errors import Unavailable
from marquee.logs import log
from marquee.viewing.eventlog.segments import LOOK_S, Segments

MAX_WAITING = 64_000_000  # bytes; more than a disk that lives ever leaves waiting


class Writer:
    """Appends lines to segment files below `root`; safe to share between threads and event loops of one process.

    Nothing is touched before the first line. Lines must end in a newline and hold no other.
    """

    def __init__(self, root: Path) -> None:
        self._segments = Segments(root)
        self._work = threading.Condition()
        self._waiting: list[tuple[bytes, Future[None]]] = []
        self._waiting_bytes = 0
        self._closing = False
        self._thread: threading.Thread | None = None

    def append(self, lines: bytes) -> Future[None]:
        """Done when the lines are on disk; fails with Unavailable when they are not, and then nobody will read them.

        Raises Unavailable at once when too much is waiting, or after `close`.
        """
        done: Future[None] = Future()
        with self._work:
            if self._closing:
                raise Unavailable("the event log is closed")
            if self._waiting_bytes + len(lines) > MAX_WAITING:
                raise Unavailable("too many events wait for the disk", got=f"{self._waiting_bytes} bytes")
            self._waiting.append((lines, done))
            self._waiting_bytes += len(lines)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="event-log", daemon=True)
                self._thread.start()
            self._work.notify()
        return done

    def close(self) -> None:
        """Write what waits, close the segment and end the thread."""
        with self._work:
            self._closing = True
            self._work.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            group = self._next_group()
            if group:
                self._write(group)
            elif self._closing:
                break
            with _lived_through():
                self._segments.rotate_if_due()
        with _lived_through():
            self._segments.close()

    def _next_group(self) -> list[tuple[bytes, Future[None]]]:
        with self._work:
            if not self._waiting and not self._closing:
                self._work.wait(LOOK_S if self._segments.pending else None)
            group, self._waiting, self._waiting_bytes = self._waiting, [], 0
        return [(lines, done) for lines, done in group if done.set_running_or_notify_cancel()]

    def _write(self, group: list[tuple[bytes, Future[None]]]) -> None:
        try:
            self._segments.write(b"".join(lines for lines, _ in group))
        except OSError as error:
            for _, done in group:
                done.set_exception(Unavailable("the event log cannot be written", got=str(error)))
            with suppress(OSError):  # logs may lie on the same full disk
                log.error("events not kept", requests=len(group), error=str(error))
        else:
            for _, done in group:
                done.set_result(None)


@contextmanager
def _lived_through() -> Iterator[None]:
    """A segment that cannot be closed is tried again; no acknowledged line is in danger."""
    try:
        yield
    except OSError as error:
        with suppress(OSError):
            log.warning("segment not closed", error=str(error))
