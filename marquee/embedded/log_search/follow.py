"""Follows logs as they are written, from one file into the next."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from marquee.embedded.log_search.entry import Entry, parse
from marquee.embedded.log_search.query import Query
from marquee.embedded.log_search.sources import Source

INTERVAL_S = 0.25
FIND_S = 2.0  # Airflow has a new file for each task, and looking through its folders takes some time


@dataclass
class Follower:
    """Reads what is added to the sources that `find` names.

    How far it has read is known by the number of the file, which stays when the file is renamed. Files are not held
    open: there may be thousands, and their disk space would not be free again.
    """

    find: Callable[[], list[Source]]
    read: dict[tuple[int, int], int] = field(default_factory=dict)  # bytes, by device and number of the file
    found: list[Source] = field(default_factory=list)
    found_at: float = 0.0

    def begin(self) -> None:
        """Pass over all that is there."""
        self.found, self.found_at = self.find(), time.monotonic()
        for source in self.found:
            for path in source.paths:
                with suppress(FileNotFoundError):
                    status = path.stat()
                    self.read[status.st_dev, status.st_ino] = status.st_size

    def entries(self, query: Query) -> list[Entry]:
        """What was added since, in order of time."""
        if time.monotonic() > self.found_at + FIND_S:
            self.found, self.found_at = self.find(), time.monotonic()
        now = time.time()
        added = (
            (s.service, line) for s in self.found for path in s.paths for line in self._added(path) if line.strip()
        )
        entries = ((parse(line, service, now), line) for service, line in added)
        return sorted((entry for entry, line in entries if query.accepts(entry, line)), key=lambda entry: entry.at)

    def _added(self, path: Path) -> list[bytes]:
        """The whole lines that a file has got; a new file of an old one's number is shorter than that was."""
        try:
            status = path.stat()
            key, size = (status.st_dev, status.st_ino), status.st_size
            before = self.read.get(key, 0)
            if size == before:
                return []
            start = before if before < size else 0
            with path.open("rb") as file:
                file.seek(start)
                whole, line_break, _ = file.read(size - start).rpartition(b"\n")
        except FileNotFoundError:
            return []
        self.read[key] = start + len(whole) + len(line_break)
        return whole.split(b"\n")
