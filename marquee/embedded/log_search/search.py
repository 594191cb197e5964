"""Searches logs, in order of time."""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from marquee.embedded.log_search import grep, positions
from marquee.embedded.log_search.entry import Entry, parse
from marquee.embedded.log_search.query import EVER, Query
from marquee.embedded.log_search.sources import Source

DISORDER = 256  # lines among which one may have to be put right: several processes write into one file
SHORT = 1 << 20  # bytes of a file that is not searched for the place of a time


def search(found: Iterable[Source], query: Query) -> Iterator[Entry]:
    """What the query wants. Memory stays small, but for what is found in files that do not go on in each other."""
    return heapq.merge(*[_stream(source, query) for source in found], key=lambda entry: entry.at)


def latest(found: Iterable[Source], lines: int) -> list[Entry]:
    """The last lines of all logs together."""
    tails = [entry for source in found for entry in _tail(source, lines)]
    return sorted(tails, key=lambda entry: entry.at)[-lines:]


def _stream(source: Source, query: Query) -> Iterator[Entry]:
    """A source in order. What can begin at once has begun when this returns, so sources share the processors."""
    recent = [path for path in source.paths if _reaches(path, query.since)]
    if not source.chain:
        each = (entry for path in recent for entry in _entries(source.service, path, _open(path, query), query))
        return iter(sorted(each, key=lambda entry: entry.at))
    first = [_open(path, query) for path in recent[:1]]
    return _ordered(_chained(source.service, recent, first, query))


def _chained(service: str, paths: list[Path], begun: list[Iterator[grep.Line]], query: Query) -> Iterator[Entry]:
    for number, path in enumerate(paths):
        yield from _entries(service, path, begun[0] if not number else _open(path, query), query)


def _open(path: Path, query: Query) -> Iterator[grep.Line]:
    """The lines of a file that may be wanted; none of one that was rotated away meanwhile."""
    with suppress(FileNotFoundError):
        long = query.since and path.stat().st_size > SHORT
        return grep.lines(path, positions.of_time(path, query.since) if long else 0, query)
    return iter(())


def _entries(service: str, path: Path, lines: Iterable[grep.Line], query: Query) -> Iterator[Entry]:
    """What of these lines is wanted. A line that tells no time has that of the nearest one before it that does."""
    unknown = float("nan")
    for offset, line in lines:
        entry = parse(line, service, unknown)
        if entry.at != entry.at:  # not a number: it told none
            entry = parse(line, service, positions.time_near(path, offset))
        if entry.at > query.until + positions.SLACK_S:
            return
        if query.accepts(entry, line):
            yield entry


def _ordered(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Entries that are almost in order, put in order."""
    waiting: list[tuple[float, int, Entry]] = []
    for number, entry in enumerate(entries):
        heapq.heappush(waiting, (entry.at, number, entry))
        if len(waiting) > DISORDER:
            yield heapq.heappop(waiting)[2]
    while waiting:
        yield heapq.heappop(waiting)[2]


def _tail(source: Source, lines: int) -> Iterator[Entry]:
    """The last lines of a source, of the youngest files."""
    paths = source.paths if source.chain else sorted(source.paths, key=_changed)
    left, parts = lines, deque[tuple[Path, int]]()
    for path in reversed(paths):
        with suppress(FileNotFoundError):
            offset, got = positions.of_last_lines(path, left)
            parts.appendleft((path, offset))
            left -= got
        if left <= 0:
            break
    every = Query(until=EVER)
    for path, offset in parts:
        yield from _entries(source.service, path, grep.lines(path, offset, every), every)


def _reaches(path: Path, since: float) -> bool:
    return _changed(path) >= since - positions.SLACK_S


def _changed(path: Path) -> float:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return 0.0
