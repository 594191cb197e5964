"""The topic of events as a source of Spark's streams. Offsets stand in the stream's checkpoint, so it goes on there.

Spark's own connector is a jar that its Python package does not bring; this is its Python data source. The driver reads
the lines and spreads them: enough for what is counted by the minute.
"""

from collections.abc import Iterator
from itertools import islice

from pyspark.sql.datasource import DataSource, SimpleDataSourceStreamReader
from pyspark.sql.types import StructType

from marquee.topics import Line, Topic

MOST = 200_000  # lines read at a time
Offsets = dict[str, int]  # by partition, whose numbers JSON makes text
Lines = Iterator[tuple[str]]


class TopicSource(DataSource):
    """One column, `line`: what the event log's files have by line. Options are `brokers` and `topic`."""

    @classmethod
    def name(cls) -> str:
        return "marquee-events"

    def schema(self) -> str:
        return "line string"

    def simpleStreamReader(self, schema: StructType) -> SimpleDataSourceStreamReader:  # noqa: ARG002, N802
        return TopicReader(Topic(self.options["brokers"], self.options["topic"]))


class TopicReader(SimpleDataSourceStreamReader):
    """Reads from offsets on to where the topic ends."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic

    def initialOffset(self) -> Offsets:  # noqa: N802
        """Where the lake goes on: what came before is shipped, as files of the log are then gone."""
        return {str(part): offset for part, offset in self._topic.committed(self._topic.partitions()).items()}

    def read(self, start: Offsets) -> tuple[Lines, Offsets]:
        begins = dict.fromkeys(self._topic.partitions(), 0) | _numbered(start)
        ends = dict(begins)
        lines = []
        for line in islice(self._topic.lines(begins), MOST):
            ends[line.partition] = line.offset + 1
            lines.append(_row(line))
        return iter(lines), {str(part): offset for part, offset in ends.items()}

    def readBetweenOffsets(self, start: Offsets, end: Offsets) -> Lines:  # noqa: N802
        """The same lines again, for a batch that was not finished."""
        ends = _numbered(end)
        begins = dict.fromkeys(ends, 0) | _numbered(start)
        return (_row(line) for line in self._topic.lines(begins, ends))


def _numbered(offsets: Offsets) -> dict[int, int]:
    return {int(part): offset for part, offset in offsets.items()}


def _row(line: Line) -> tuple[str]:
    return (line.content.decode(errors="replace"),)
