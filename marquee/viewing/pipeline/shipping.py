"""Ships the event log and the edges' logs to the lake."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from marquee.catalogue import event_streams, profiles, visits
from marquee.catalogue.database import begin
from marquee.catalogue.models import now
from marquee.contracts.shipment import Shipment
from marquee.settings import settings
from marquee.topics import Topic
from marquee.viewing.edgelog.edge_log import EdgeLog
from marquee.viewing.eventlog.forward import Forwarder
from marquee.viewing.eventlog.ship import finish
from marquee.viewing.eventlog.ship import ship as ship_log
from marquee.viewing.eventlog.topic_log import TopicLog
from marquee.viewing.pipeline.snapshot import snapshot

OPEN = timedelta(days=30)  # for so long, events of a visit may come
TOPIC = "_topic"  # below the event log: what was read of the topic and not shipped yet
BLOCK = 5_000  # sessions looked up at once


def ship() -> tuple[Shipment, ...]:
    """Move all acknowledged events and all that edges have logged into the lake, beside a snapshot of the catalogue.

    Returns the shipments: none when there was nothing. Events of viewers who were deleted are dropped, visits long over
    are deleted, and what an edge served to a deleted viewer no longer names the session.
    """
    snapshot()
    gone = deleted()
    requests = ship_log(settings().edge_log, EdgeLog(_viewers), deleted=gone)
    events = _events(gone)
    with begin() as session:
        visits.delete_before(session, now() - OPEN)
    return tuple(shipment for shipment in (events, requests) if shipment)


def _events(gone: frozenset[int]) -> Shipment | None:
    """By the topic where there is one: what the log holds goes there first, lest it passes what went before it."""
    root = settings().event_log
    if not settings().events_kafka:
        return ship_log(root, deleted=gone)
    begun = finish(root, deleted=gone)  # before there was a topic
    topic = Topic.configured()
    Forwarder(topic).forward(root)
    return ship_log(root / TOPIC, TopicLog(topic), deleted=gone) or begun


def deleted() -> frozenset[int]:
    """The profiles that were deleted."""
    with begin() as session:
        return profiles.deleted(session)


def _viewers(session_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """By session, the columns of its requests that say whose they are."""
    wanted = sorted(session_ids)
    found: dict[int, event_streams.StreamContext] = {}
    with begin() as session:
        for start in range(0, len(wanted), BLOCK):
            found |= event_streams.of_sessions(session, wanted[start : start + BLOCK])
    return {
        id_: {"profile_id": context.profile_id, "origin": context.origin, "title_id": context.title_id}
        for id_, context in found.items()
    }
