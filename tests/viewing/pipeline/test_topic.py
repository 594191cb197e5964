"""Shipping where brokers are set: from the log by the topic into the lake, with a real broker."""

import pyarrow.parquet as pq
import pytest

from marquee.contracts.errors import InvalidInput
from marquee.contracts.lake import EVENTS
from marquee.settings import settings
from marquee.viewing import lake
from marquee.viewing.eventlog.reader import unshipped
from marquee.viewing.pipeline import forwarding, shipping
from tests.kafka_broker import broker
from tests.viewing.eventlog.conftest import NOON_MS, player, stream_id, written

SESSION = stream_id(NOON_MS)


def places():
    keys = lake.store().keys(EVENTS.name)
    found = [pq.read_table(lake.store().fetch(key), partitioning=None).to_pylist() for key in keys]
    return sorted(row["seq"] for rows in found for row in rows)


@pytest.mark.usefixtures("catalogue")
def test_events_go_by_the_topic_whoever_forwards_them(monkeypatch):
    with broker() as running:
        monkeypatch.setenv("MARQUEE_EVENTS_KAFKA", running.address)
        monkeypatch.setenv("MARQUEE_EVENTS_TOPIC", running.topic())
        settings.cache_clear()
        log = settings().event_log
        written(log, player(SESSION, 0), player(SESSION, 1))
        forwarding.run(once=True)
        assert not list(unshipped(log))
        written(log, player(SESSION, 2))  # which nobody has forwarded yet
        (shipment,) = shipping.ship()
        assert (shipment.source, shipment.rows) == ("topic", {"events": 3})
        assert places() == [0, 1, 2]
        assert shipping.ship() == ()


def test_a_forwarder_without_brokers_says_what_is_missing():
    with pytest.raises(InvalidInput, match="MARQUEE_EVENTS_KAFKA"):
        forwarding.run(once=True)
