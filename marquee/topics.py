"""The topic of events on brokers of the Kafka protocol: how it is reached, and what is read of it, from where to where.

Messages are lines of the event log without their ends; `AT` is the header that says where each one stood in the log.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from marquee.contracts.errors import Unavailable
from marquee.settings import settings

if TYPE_CHECKING:
    from confluent_kafka import Message

AT = "at"  # <writer>/<segment>:<line>
GROUP = "marquee-lake"  # whose committed offsets say how far the lake has come
ANSWER_S = 30.0  # in which brokers answer, or they are not there
READING = {
    "group.id": GROUP,
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "enable.partition.eof": True,
    "fetch.wait.max.ms": 20,  # for more than is there: who reads to the end need not wait for it
}


class Line(NamedTuple):
    """A message: a line of the log, and where it stands in the topic and stood in the log (empty: in none)."""

    partition: int
    offset: int
    content: bytes
    at: str


@dataclass(frozen=True)
class Topic:
    """A topic by name, at brokers `host:port,…`. Credentials are those of the settings, wherever it is used.

    Every method raises Unavailable when no broker answers in time.
    """

    brokers: str
    name: str

    @classmethod
    def configured(cls) -> Self:
        """The one of the settings."""
        return cls(settings().events_kafka, settings().events_topic)

    def connection(self) -> dict[str, Any]:
        """What every client is configured with, as librdkafka names it."""
        own = {"bootstrap.servers": self.brokers, "client.id": "marquee", "logger": logging.getLogger("kafka")}
        return own | _security()

    def partitions(self) -> list[int]:
        """The numbers of the topic's partitions. Raises Unavailable also when no broker has the topic."""
        with self._consumer() as consumer:
            found = consumer.list_topics(self.name, timeout=ANSWER_S).topics[self.name]
        if found.error:
            raise Unavailable("the events' topic is not there", where=self.name, got=str(found.error))
        return sorted(found.partitions)

    def lines(self, begins: Mapping[int, int], ends: Mapping[int, int] | None = None) -> Iterator[Line]:
        """All lines from each partition's offset on to its end: the one given, or where it ends when reached."""
        from confluent_kafka import TopicPartition

        left = {part for part, begin in begins.items() if ends is None or begin < ends[part]}
        with self._consumer() as consumer:
            consumer.assign([TopicPartition(self.name, part, begins[part]) for part in left])
            while left:
                message = self._checked(consumer.poll(ANSWER_S))
                line = _line(message)
                if message.error() or (ends and line.offset >= ends[line.partition] - 1):
                    left.discard(line.partition)
                if not message.error() and (ends is None or line.offset < ends[line.partition]):
                    yield line

    def committed(self, parts: Iterable[int]) -> dict[int, int]:
        """Where the group goes on in each partition: at 0 where it has not committed yet."""
        from confluent_kafka import TopicPartition

        with self._consumer() as consumer:
            found = consumer.committed([TopicPartition(self.name, part) for part in parts], timeout=ANSWER_S)
        return {each.partition: max(each.offset, 0) for each in found}

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Have the group go on there, which is what tools that watch brokers show."""
        from confluent_kafka import TopicPartition

        if offsets:
            with self._consumer() as consumer:
                places = [TopicPartition(self.name, part, offset) for part, offset in offsets.items()]
                consumer.commit(offsets=places, asynchronous=False)

    @contextmanager
    def _consumer(self) -> Iterator[Any]:
        """A consumer that shares its work with nobody and commits nothing by itself."""
        from confluent_kafka import Consumer, KafkaException

        with closing(Consumer(self.connection() | READING)) as consumer:
            try:
                yield consumer
            except KafkaException as error:
                raise Unavailable("the brokers do not answer", where=self.brokers, got=str(error)) from None

    def _checked(self, message: "Message | None") -> "Message":
        """A message, or the end of a partition that it stands for."""
        from confluent_kafka import KafkaError, KafkaException

        if message is None:
            raise Unavailable("the brokers have fallen silent", where=self.brokers)
        error = message.error()
        if error and error.code() != KafkaError._PARTITION_EOF:
            raise KafkaException(error)
        return message


def _line(message: "Message") -> Line:
    value, at = message.value(), dict(message.headers() or ()).get(AT)
    content = b"" if message.error() or not isinstance(value, bytes) else value
    return Line(message.partition() or 0, message.offset() or 0, content, at.decode() if isinstance(at, bytes) else "")


def _security() -> dict[str, str]:
    s = settings()
    transport = "ssl" if s.events_kafka_tls else "plaintext"
    found = {"ssl.ca.location": str(s.events_kafka_ca)} if s.events_kafka_ca else {}
    if not s.events_kafka_user:
        return found | {"security.protocol": transport}
    password = s.events_kafka_password.get_secret_value()
    signed_in = {"sasl.mechanism": s.events_kafka_sasl, "sasl.username": s.events_kafka_user, "sasl.password": password}
    return found | signed_in | {"security.protocol": f"sasl_{transport}"}
