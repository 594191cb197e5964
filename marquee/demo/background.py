"""Runs a long command in the background, so that closing the terminal does not end it."""

import fcntl
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

INTERVAL_S = 0.2
LONG = 10_000_000  # bytes, as of the logs that the supervisor keeps


class Background:
    """One command that runs at most once at a time, with its output in the file `log`.

    The process holds a lock on `log` with the suffix .lock for as long as it lives; the kernel lets go of it however
    the process ends.
    """

    def __init__(self, argv: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
        self.argv, self.log, self.environment = argv, log, environment
        self._read = 0

    def running(self) -> bool:
        with self._lock() as (_, free):
            return not free

    def start(self) -> bool:
        """Start the command in a session of its own, unless it runs; says whether it did."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self._lock() as (lock, free):
            if free:
                self._turn_over()
            with self.log.open("ab") as output:
                self._read = output.tell()
                if not free:
                    return False
                subprocess.Popen(
                    self.argv,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=dict(self.environment),
                    start_new_session=True,
                    pass_fds=[lock.fileno()],
                )
        return True

    def _turn_over(self) -> None:
        """Begin a new log where the present one is long; the one before it goes."""
        if self.log.exists() and self.log.stat().st_size > LONG:
            self.log.rename(self.log.with_name(f"{self.log.name}.1"))

    def follow(self, say: Callable[[str], None]) -> None:
        """Pass on every line written since `start`, until the process has ended."""
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            lines.seek(self._read)
            going = True
            while going:
                going = self.running()  # asked before the last lines are read
                for line in lines:
                    say(line.rstrip("\n"))
                if going:
                    time.sleep(INTERVAL_S)

    @contextmanager
    def _lock(self) -> Iterator[tuple[IO[str], bool]]:
        with self.log.with_suffix(".lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield file, False
            else:
                yield file, True
