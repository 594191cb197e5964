"""Places in a file whose lines are in order of time: where a time begins, where the last lines begin."""

from pathlib import Path
from typing import BinaryIO

from marquee.embedded.log_search.entry import has_time

BLOCK = 64 * 1024
SLACK_S = 5.0  # by which a line may stand behind one that is younger: several processes write into one file


def of_time(path: Path, at: float) -> int:
    """An offset at the start of a line, before which all lines are older than `at`; by halving, so in some 20 reads."""
    with path.open("rb") as file:
        low, high = 0, file.seek(0, 2)
        while high - low > BLOCK:
            middle = (low + high) // 2
            found = _first_time(file, middle)
            if found is not None and found < at - SLACK_S:
                low = middle
            else:
                high = middle
        return _line_start(file, low)


def of_last_lines(path: Path, lines: int) -> tuple[int, int]:
    """The offset at which the last lines begin, and how many there are: fewer where the file has no more."""
    with path.open("rb") as file:
        place, found = file.seek(0, 2), 0
        while place:
            size = min(BLOCK, place)
            place -= size
            file.seek(place)
            block = file.read(size)
            breaks = block.count(b"\n")
            if found + breaks > lines:
                return place + _after_break(block, breaks - (lines - found)), lines
            found += breaks
        return 0, found


def time_near(path: Path, offset: int) -> float:
    """The time of the nearest line before an offset that tells one, else of the first after it, else the file's own."""
    with path.open("rb") as file:
        start = max(0, offset - BLOCK)
        file.seek(start)
        lines = file.read(offset - start).splitlines()
        for line in reversed(lines[1:] if start else lines):  # the first one may have been cut
            if (at := has_time(line)) is not None:
                return at
        return _first_time(file, offset) or path.stat().st_mtime


def _first_time(file: BinaryIO, offset: int) -> float | None:
    """The first time told from the next line on, within a block."""
    file.seek(offset)
    for line in file.read(BLOCK).splitlines()[1:]:
        if (at := has_time(line)) is not None:
            return at
    return None


def _line_start(file: BinaryIO, offset: int) -> int:
    if not offset:
        return 0
    file.seek(offset - 1)
    return offset - 1 + len(file.readline())


def _after_break(block: bytes, number: int) -> int:
    """Behind the line break of this number, counted from 1."""
    place = -1
    for _ in range(number):
        place = block.index(b"\n", place + 1)
    return place + 1
