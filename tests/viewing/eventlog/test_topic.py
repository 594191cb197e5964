"""Events by a topic, with a real broker: each line comes into the lake once, in its stream's order."""

import json
import os
import shutil
import signal
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest
from confluent_kafka import Producer

from marquee import topics
from marquee.contracts.errors import Unavailable
from marquee.settings import settings
from marquee.topics import Line, Topic
from marquee.viewing import lake
from marquee.viewing.eventlog import forward, segments, topic_log
from marquee.viewing.eventlog.files import closed, writers
from marquee.viewing.eventlog.forward import Forwarder
from marquee.viewing.eventlog.reader import unshipped
from marquee.viewing.eventlog.ship import ship
from marquee.viewing.eventlog.topic_log import TopicLog
from marquee.viewing.eventlog.writer import Writer
from tests.kafka_broker import Broker, broker
from tests.viewing.eventlog.conftest import (
    NOON_MS,
    browse,
    in_a_process,
    letter,
    places,
    player,
    rows,
    stream_id,
    written,
)

SESSION, VISIT = stream_id(NOON_MS), stream_id(NOON_MS, 1_000)
NEVER = 1_000_000
TABLES = ("events", "browse", "dead_letters")


@pytest.fixture(scope="module")
def running() -> Iterator[Broker]:
    with broker() as found:
        yield found


@pytest.fixture
def topic(running: Broker, log: Path) -> Topic:
    return Topic(running.address, running.topic())


def stream(line: Line) -> int:
    return int(json.loads(line.content)["session_id"])


@pytest.fixture
def read(tmp_path: Path) -> Path:
    """Where what was read of the topic waits to be shipped."""
    return tmp_path / "read"


def some(sessions: int = 5, events: int = 8) -> list[bytes]:
    told = [player(SESSION + n, seq) for seq in range(events) for n in range(sessions)]
    return [*told, browse(VISIT, 0), browse(VISIT + 1, 0), letter(1), letter(1)]


def counts() -> list[int]:
    return [len(rows(table)) for table in TABLES]


def held(topic: Topic) -> list[Line]:
    return list(topic.lines(dict.fromkeys(topic.partitions(), 0)))


def test_the_lake_gets_what_it_would_have_got_without_a_topic(log: Path, read: Path, topic: Topic) -> None:
    written(log, *some())
    assert Forwarder(topic).forward(log) == len(some())
    assert not list(unshipped(log))
    assert not writers(log)
    shipment = ship(read, TopicLog(topic))
    assert shipment
    assert shipment.source == "topic"
    by_topic = {table: rows(table) for table in TABLES}
    shutil.rmtree(settings().home / "lake")
    written(log, *some())
    ship(log)
    assert {table: rows(table) for table in TABLES} == by_topic
    assert ship(read, TopicLog(topic)) is None, "what was read once came again"


def test_a_session_stays_in_one_partition_in_order(log: Path, topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MAX_BYTES", 1)  # a segment for each line
    monkeypatch.setattr(forward, "BATCH_BYTES", 2_000)
    writer = Writer(log)
    for seq in range(12):
        for n in range(6):
            writer.append(player(SESSION + n, seq)).result(10)
    writer.close()
    assert len(closed(log)) == 72
    Forwarder(topic).forward(log)
    told, parts = defaultdict(list), defaultdict(set)
    for line in held(topic):
        told[stream(line)].append(topic_log._place(line.at))
        parts[stream(line)].add(line.partition)
    assert len(told) == 6
    assert all(len(there) == 1 for there in parts.values())
    assert len({part for there in parts.values() for part in there}) > 1
    assert all(lines == sorted(lines) and len(lines) == 12 for lines in told.values())


def test_segments_go_in_their_order_when_their_numbers_outgrow_their_zeros(log: Path, topic: Topic) -> None:
    folder = log / "old"
    folder.mkdir(parents=True)
    (folder / "lock").touch()
    for number in (999_999, 1_000_000):
        (folder / f"{number:06d}.ndjson").write_bytes(player(SESSION, number))
    Forwarder(topic).forward(log)
    assert [topic_log._place(line.at) for line in held(topic)] == [("old", (999_999, 0)), ("old", (1_000_000, 0))]


def test_a_forwarder_killed_before_it_removed_what_it_sent_costs_no_double(log: Path, read: Path, topic: Topic) -> None:
    """At every step that changes something; after each kill another one sends all that is still there."""
    step, ended, sent = 0, -signal.SIGKILL, 0
    while ended == -signal.SIGKILL:
        written(log, *some(2, 3))
        written(log, *some(2, 3))
        ended = in_a_process(step, lambda: Forwarder(topic).forward(log))
        Forwarder(topic).forward(log)
        ship(read, TopicLog(topic))
        sent += 2
        assert counts() == [6 * sent, 2 * sent, 2 * sent], step
        step += 4
    assert ended == 0
    assert len(held(topic)) > len(some(2, 3)) * sent, "no kill came between sending and removing"


def test_a_reader_killed_at_any_step_and_started_again_ships_each_line_once(
    log: Path, read: Path, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topic_log, "BATCH_BYTES", 1_500)
    step, ended, sent = 0, -signal.SIGKILL, 0
    while ended == -signal.SIGKILL:
        written(log, *some(2, 3))
        Forwarder(topic).forward(log)
        sent += 1
        ended = in_a_process(step, lambda: ship(read, TopicLog(topic)))
        ship(read, TopicLog(topic))
        assert counts() == [6 * sent, 2 * sent, 2 * sent], step
        step += 11
    assert ended == 0
    assert step > 20


def test_while_brokers_do_not_answer_events_stay_in_the_log(
    log: Path, read: Path, topic: Topic, running: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward, "PATIENCE_S", 0.3)
    monkeypatch.setattr(topics, "ANSWER_S", 0.3)
    written(log, *some())
    running.suspend()
    try:
        forwarder = Forwarder(topic)
        with pytest.raises(Unavailable, match="do not take events"):
            forwarder.forward(log)
        with pytest.raises(Unavailable):
            ship(read, TopicLog(topic))
        assert len(list(unshipped(log))) == len(some())
    finally:
        running.resume()


def test_without_its_note_a_reader_goes_on_where_the_group_is(log: Path, read: Path, topic: Topic) -> None:
    written(log, *some())
    Forwarder(topic).forward(log)
    ship(read, TopicLog(topic))
    (read / topic_log.NOTE).unlink()
    written(log, player(SESSION, 99))
    Forwarder(topic).forward(log)
    shipment = ship(read, TopicLog(topic))
    assert shipment
    assert shipment.rows == {"events": 1}


def test_what_a_shipment_has_begun_to_take_is_not_forwarded(
    log: Path, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(log, player(SESSION, 0))
    with monkeypatch.context() as broken:
        broken.setattr(lake, "commit", lambda _: os.kill(os.getpid(), signal.SIGKILL))
        assert in_a_process(NEVER, lambda: ship(log)) == -signal.SIGKILL
    begun = closed(log)
    assert begun
    written(log, player(SESSION, 1))
    assert Forwarder(topic).forward(log) == 1
    assert closed(log) == begun


def test_lines_that_others_put_there_are_taken(running: Broker, read: Path, topic: Topic) -> None:
    producer = Producer({"bootstrap.servers": running.address})
    for _ in range(2):  # they have no place in a log, so both are kept: readers of the lake take the first of an event
        producer.produce(topic.name, player(SESSION, 0).rstrip())
    producer.produce(topic.name, b"no line")
    producer.produce(topic.name, None, "a key")
    assert producer.flush(20) == 0
    ship(read, TopicLog(topic))
    assert places() == [(SESSION, 0), (SESSION, 0)]
    assert [row["reason"] for row in rows("dead_letters")] == ["damaged on disk"]


def test_a_topic_that_is_not_there_is_named(running: Broker, read: Path) -> None:
    with pytest.raises(Unavailable, match="nobody-made-it"):
        ship(read, TopicLog(Topic(running.address, "nobody-made-it")))


def test_credentials_are_those_of_the_settings(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"TLS": "true", "CA": certifi.where(), "USER": "marquee", "PASSWORD": "hidden"}
    for name, value in given.items():
        monkeypatch.setenv(f"MARQUEE_EVENTS_KAFKA_{name}", value)
    settings.cache_clear()
    found = Topic("one:9092,two:9092", "events").connection()
    assert found["security.protocol"] == "sasl_ssl"
    assert (found["ssl.ca.location"], found["sasl.mechanism"]) == (certifi.where(), "SCRAM-SHA-512")
    assert (found["sasl.username"], found["sasl.password"]) == ("marquee", "hidden")
    Producer(found | forward.FIXED)  # librdkafka takes it all
