"""Forwards the log's closed segments into the topic, and removes each once the brokers have all of its lines.

A stream's lines share a key, so they stay in one partition and in their writer's order. A segment that was sent and not
removed, because this was killed in between, is sent again from its beginning by the next one. So within a partition
the first copies of a writer's lines stand in order, whatever comes between them, and `topic_log` tells the copies by
that alone. Producers that could leave a gap would break it: hence no time limit of single messages, and none goes on
after an error.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from marquee.contracts.errors import Unavailable
from marquee.logs import log
from marquee.storage import sync
from marquee.topics import AT, Topic
from marquee.viewing.eventlog.closing import close_segments
from marquee.viewing.eventlog.files import batches, closed, whole_lines
from marquee.viewing.eventlog.lines import parse
from marquee.viewing.eventlog.ship import BATCH_BYTES, BIN, EVENT_LOG, STATE, nothing_ships, planned, tidy

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Message, Producer

PATIENCE_S = 30.0  # for the brokers to have what was sent
FIXED = {
    "enable.idempotence": True,  # with acks=all
    "enable.gapless.guarantee": True,
    "message.timeout.ms": 0,
    "queue.buffering.max.messages": 0,  # batches are bounded by their bytes
    "linger.ms": 5,
    "compression.type": "zstd",
    "partitioner": "murmur2_random",  # as Java's clients have it
}


class Forwarder:
    """Moves logs into the topic; for one thread. One producer is kept as long as all goes well."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._producer: Producer | None = None

    def forward(self, root: Path) -> int:
        """Move what writers below `root` have acknowledged into the topic; returns the number of lines.

        What a shipment has begun to take is left to it. Raises Unavailable when the brokers do not confirm: then it
        stays in the log.
        """
        with nothing_ships(root):
            tidy(root)
            close_segments(root)
            taken = planned(root)
            waiting = [path for path in closed(root) if str(path.relative_to(root)) not in taken]
            sent = sum(self._moved(batch) for batch in batches(waiting, BATCH_BYTES))
            EVENT_LOG.clear(root, root / STATE / BIN)
        return sent

    def _moved(self, segments: Sequence[Path]) -> int:
        sent = self._sent(segments)
        for path in segments:
            path.unlink()
        for folder in {path.parent for path in segments}:
            sync(folder)
        log.info("forwarded", segments=len(segments), lines=sent)
        return sent

    def _sent(self, segments: Sequence[Path]) -> int:
        from confluent_kafka import KafkaException, Producer

        failures: list[str] = []
        left = sent = 0
        try:
            self._producer = self._producer or Producer(self._topic.connection() | FIXED)
            sent = sum(_produce(self._producer, self._topic.name, segment, failures) for segment in segments)
            left = self._producer.flush(PATIENCE_S)
        except KafkaException as error:
            failures.append(str(error))
        if left or failures:
            self._drop()
            raise Unavailable("the brokers do not take events", where=self._topic.brokers, got=_said(left, failures))
        return sent

    def _drop(self) -> None:
        """Of what this producer has under way nothing more is to be known: the next one begins anew."""
        if self._producer is not None:
            self._producer.purge()
            self._producer.flush(1)
            self._producer = None


def _produce(producer: "Producer", topic: str, segment: Path, failures: list[str]) -> int:
    """Queue the lines of a segment; returns their number. What goes wrong with them is added to `failures`."""

    def told(error: "KafkaError | None", _: "Message") -> None:
        if error is not None:
            failures.append(str(error))

    writer = segment.parent.name
    number = -1
    for number, line in enumerate(whole_lines(segment).splitlines()):
        at = f"{writer}/{segment.stem}:{number}"
        producer.produce(topic, line, _key(line, writer), on_delivery=told, headers={AT: at})
    producer.poll(0)
    return number + 1


def _key(line: bytes, writer: str) -> str:
    """The stream of a line; what belongs to none keeps its writer's order."""
    row = parse(line) or {}
    return str(row.get("visit_id") or row.get("session_id") or writer)


def _said(left: int, failures: list[str]) -> str:
    return failures[0] if failures else f"{left} lines not confirmed within {PATIENCE_S:.0f} s"
