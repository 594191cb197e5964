"""The topic of events on brokers of the Kafka protocol: how it is reached, and what is read of it, from where to where.

Messages are lines of the event log without their ends; `AT` is the header that says where each one stood in the log.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from marquee.contracts.errors import Unavailable
from marquee.settings import settings

if TYPE_CHECKING:
    from confluent_kafka import Message

AT = "at"  # <writer>/<segment>:<line>
GROUP = "marquee-lake"  # whose committed offsets say how far the lake has come
ANSWER_S = 30.0  # in which brokers answer, or they are not there
LOG = logging.getLogger("kafka")  # what librdkafka has to say


def connection() -> dict[str, Any]:
    """What every client is configured with, as librdkafka names it."""
    s = settings()
    found: dict[str, Any] = {"bootstrap.servers": s.events_kafka, "client.id": "marquee", "logger": LOG}
    transport = "ssl" if s.events_kafka_tls else "plaintext"
    if s.events_kafka_ca:
        found["ssl.ca.location"] = str(s.events_kafka_ca)
    if s.events_kafka_user:
        password = s.events_kafka_password.get_secret_value()
        found |= {
            "sasl.mechanism": s.events_kafka_sasl,
            "sasl.username": s.events_kafka_user,
            "sasl.password": password,
        }
        transport = f"sasl_{transport}"
    return found | {"security.protocol": transport}


def partitions() -> list[int]:
    """The topic's partitions. Raises Unavailable when no broker answers or none has the topic."""
    with _consumer() as consumer:
        topic = consumer.list_topics(_topic(), timeout=ANSWER_S).topics[_topic()]
    if topic.error:
        raise Unavailable(
            "no topic for the events", where=_topic(), expected="one to have been made", got=str(topic.error)
        )
    return sorted(topic.partitions)


def messages(begins: Mapping[int, int], ends: Mapping[int, int] | None = None) -> "Iterator[Message]":
    """All messages from each partition's offset on to its end: the one given, or where it ends when that is reached.

    Raises Unavailable when the brokers fall silent before.
    """
    from confluent_kafka import TopicPartition

    left = {part for part, begin in begins.items() if ends is None or begin < ends[part]}
    with _consumer() as consumer:
        consumer.assign([TopicPartition(_topic(), part, begins[part]) for part in left])
        while left:
            message = consumer.poll(ANSWER_S)
            part = _checked(message)
            offset = message.offset()
            if message.error() or (ends and offset >= ends[part] - 1):
                left.discard(part)
            if not message.error() and (ends is None or offset < ends[part]):
                yield message


def committed(parts: Iterable[int]) -> dict[int, int]:
    """Where the group goes on in each partition: at 0 where it has not committed yet."""
    from confluent_kafka import TopicPartition

    with _consumer() as consumer:
        found = consumer.committed([TopicPartition(_topic(), part) for part in parts], timeout=ANSWER_S)
    return {each.partition: max(each.offset, 0) for each in found}


def commit(offsets: Mapping[int, int]) -> None:
    """Have the group go on there, which is what tools that watch the brokers show. Raises Unavailable."""
    from confluent_kafka import TopicPartition

    if offsets:
        with _consumer() as consumer:
            places = [TopicPartition(_topic(), part, offset) for part, offset in offsets.items()]
            consumer.commit(offsets=places, asynchronous=False)


def _topic() -> str:
    return settings().events_topic


@contextmanager
def _consumer() -> Iterator[Any]:
    """A consumer that follows nobody else's assignment and commits nothing by itself."""
    from confluent_kafka import Consumer, KafkaException

    own = {
        "group.id": GROUP,
        "fetch.wait.max.ms": 20,  # for more than is there: what ends here need not wait for it
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        "enable.partition.eof": True,
    }
    with closing(Consumer(connection() | own)) as consumer:
        try:
            yield consumer
        except KafkaException as error:
            raise Unavailable("the brokers do not answer", where=settings().events_kafka, got=str(error)) from None


def _checked(message: "Message | None") -> int:
    """The partition of a message, or of the end that it stands for."""
    from confluent_kafka import KafkaError, KafkaException

    if message is None:
        raise Unavailable("the brokers have fallen silent", where=settings().events_kafka)
    error = message.error()
    if error and error.code() != KafkaError._PARTITION_EOF:
        raise KafkaException(error)
    return int(message.partition())
