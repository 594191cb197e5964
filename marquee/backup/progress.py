"""Progress of many files, told now and then."""

import time
from collections.abc import Callable


class Progress:
    """How many files and bytes of a store are done; told at most every so many seconds, and at the end."""

    def __init__(self, name: str, files: int, total: int, say: Callable[[str], None], every_s: float) -> None:
        self._name, self._files, self._total, self._say, self._every_s = name, files, total, say, every_s
        self._done, self._done_bytes, self._told = 0, 0, time.monotonic()

    def add(self, size: int) -> None:
        """One more file of so many bytes is done."""
        self._done += 1
        self._done_bytes += size
        if time.monotonic() - self._told > self._every_s:
            self._told = time.monotonic()
            self.end()

    def end(self) -> None:
        """Tell where it stands."""
        size = f"{self._done_bytes / 1e6:.1f} of {self._total / 1e6:.1f} MB"
        self._say(f"{self._name}: {self._done} of {self._files} files, {size}")
