"""The streaming job by the topic: with a real broker, going on from its checkpoint."""

import json

import psycopg
import pytest
from confluent_kafka import Producer

from marquee.settings import settings
from marquee.topics import Topic
from spark_jobs import live
from spark_jobs.topic_source import TopicReader
from tests.kafka_broker import broker
from tests.spark_jobs.streams import DAY_ONE, midnight_ms, viewing

NOON = midnight_ms(DAY_ONE) + 12 * 3_600_000


@pytest.fixture
def put(catalogue, monkeypatch):
    """Puts lines into a topic of the test's own."""
    with broker() as running:
        topic = running.topic()
        monkeypatch.setenv("MARQUEE_EVENTS_KAFKA", running.address)
        monkeypatch.setenv("MARQUEE_EVENTS_TOPIC", topic)
        settings.cache_clear()
        producer = Producer({"bootstrap.servers": running.address})

        def run(rows):
            for row in [*rows, {"table": "browse", "visit_id": 1}]:
                line = json.dumps({"table": "events"} | row)
                producer.produce(topic, line, str(row.get("session_id")))
            assert producer.flush(20) == 0

        yield run
    monkeypatch.undo()
    settings.cache_clear()


def test_minutes_are_counted_from_the_topic_and_the_job_goes_on_where_it_was(spark, put):
    def viewers():
        live.start(spark, lambda writer: writer.trigger(availableNow=True)).awaitTermination()
        with psycopg.connect(settings().database().replace("+psycopg", "")) as connection:
            found = "select value from live_metrics where metric = 'viewers' and edge = '*' order by minute"
            return [value for (value,) in connection.execute(found).fetchall()]

    twice = viewing(NOON, 1, 50)
    put([*twice, *twice, *viewing(NOON + 1_000, 2, 50)])
    assert viewers()[0] == 2
    put(viewing(NOON + 2_000, 3, 50))
    assert viewers()[0] == 3, "what came before its checkpoint is not counted again, and not forgotten"


def test_a_batch_that_is_read_again_has_the_same_lines(put):
    reader = TopicReader(Topic.configured())
    start = reader.initialOffset()
    put(viewing(NOON, 1, 50))
    lines, end = reader.read(start)
    put(viewing(NOON + 1_000, 2, 50))
    told = sorted(lines)
    assert len(told) > 5
    assert sorted(reader.readBetweenOffsets(start, end)) == told
    more, _ = reader.read(end)
    assert len(list(more)) > 0
