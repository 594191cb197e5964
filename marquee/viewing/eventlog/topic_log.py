"""The topic as a kind of log that is shipped: what it holds becomes segments, which go into the lake as others do.

Segments are called `p<partition>/<offset of the first message>.ndjson`. The position is noted when they stand; what a
reader that was killed has left beyond it is removed and read again. Copies are left out: of each writer, lines that
stood before one that the partition has shown already (see `forward` for why that is exact).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from marquee.contracts.base import Contract
from marquee.contracts.errors import Unavailable
from marquee.contracts.lake import Table
from marquee.logs import log
from marquee.storage import replacing
from marquee.topics import Line, Topic
from marquee.viewing.eventlog.event_log import EventLog
from marquee.viewing.eventlog.files import CLOSED, closed

if TYPE_CHECKING:
    import pyarrow as pa

NOTE = Path("_read", "position.json")
BATCH_BYTES = 32_000_000  # of lines between two notes
MOST_WRITERS = 10_000  # remembered in a partition: those heard last
Place = tuple[int, int]  # segment and line


class Position(Contract):
    """How far the topic has been read, by partition."""

    begins: dict[int, int]  # the offset to go on at
    heard: dict[int, dict[str, Place]]  # by writer its furthest line


class TopicLog:
    """What a topic holds."""

    name = "topic"

    def __init__(self, topic: Topic) -> None:
        self._topic = topic

    def close(self, root: Path) -> None:
        """Read on to where each partition ends. Raises Unavailable; what was noted before that stays."""
        reading = _Reading(root, self._topic)
        for line in self._topic.lines(reading.begins):
            reading.take(line)
        reading.note()

    def read(self, segments: Iterable[Path]) -> "Iterator[tuple[Table, pa.Table]]":
        """The rows of segments."""
        return EventLog().read(segments)

    def clear(self, root: Path, bin_: Path) -> None:  # noqa: ARG002
        """Tell the brokers how far the lake has come. Only a reader that has lost its note depends on it."""
        try:
            self._topic.commit(_noted(root).begins)
        except Unavailable as error:
            log.warning("position not told to the brokers", got=error.got)


class _Reading:
    """One pass over the topic."""

    def __init__(self, root: Path, topic: Topic) -> None:
        self._root = root
        partitions = topic.partitions()
        position = _noted(root) if (root / NOTE).exists() else Position(begins=topic.committed(partitions), heard={})
        self.begins = {part: position.begins.get(part, 0) for part in partitions}
        self._next = dict(self.begins)
        self._heard = defaultdict(dict, {part: dict(each) for part, each in position.heard.items()})
        self._lines: defaultdict[int, list[bytes]] = defaultdict(list)
        self._first: dict[int, int] = {}
        self._bytes = 0
        for path in closed(root):
            if int(path.stem) >= self._next.get(int(path.parent.name[1:]), 0):
                path.unlink()

    def take(self, line: Line) -> None:
        part, offset, content = line.partition, line.offset, line.content
        if offset > self._next[part]:
            log.error("the topic has lost messages", partition=part, missing=offset - self._next[part])
        self._next[part] = offset + 1
        if content and self._is_new(line):
            self._first.setdefault(part, offset)
            self._lines[part].append(content.replace(b"\n", b" ") + b"\n")
            self._bytes += len(content)
        if self._bytes >= BATCH_BYTES:
            self.note()

    def note(self) -> None:
        """Write what was read into segments, then how far that is."""
        for part, lines in self._lines.items():
            with replacing(self._root / f"p{part:04d}" / f"{self._first[part]:020d}{CLOSED}") as temporary:
                temporary.write_bytes(b"".join(lines))
        heard = {part: dict(list(each.items())[-MOST_WRITERS:]) for part, each in self._heard.items()}
        with replacing(self._root / NOTE) as temporary:
            temporary.write_text(Position(begins=self._next, heard=heard).model_dump_json())
        self._lines.clear()
        self._first.clear()
        self._bytes = 0

    def _is_new(self, line: Line) -> bool:
        """Whether this is no copy. What others than forwarders have put into the topic has no place, and is taken."""
        if (at := _place(line.at)) is None:
            return True
        writer, place = at
        known = self._heard[line.partition].pop(writer, (-1, -1))  # and put back as the one heard last
        self._heard[line.partition][writer] = max(known, place)
        return place > known


def _place(at: str) -> tuple[str, Place] | None:
    writer, _, place = at.rpartition("/")
    segment, _, line = place.partition(":")
    return (writer, (int(segment), int(line))) if segment.isdecimal() and line.isdecimal() else None


def _noted(root: Path) -> Position:
    return Position.model_validate_json((root / NOTE).read_bytes())
