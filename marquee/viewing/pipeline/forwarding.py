"""Forwards the event log into the topic as it is written."""

import signal
import threading

from marquee.contracts.errors import InvalidInput, Unavailable
from marquee.logs import log
from marquee.settings import settings
from marquee.topics import Topic
from marquee.viewing.eventlog.forward import Forwarder

EVERY_S = 1.0


def run(*, once: bool = False) -> None:
    """Forward what the log holds, every second until this is asked to end; with `once`, end when it is done.

    Brokers that take nothing are tried again. Raises InvalidInput when none are set; with `once` Unavailable.
    """
    if not settings().events_kafka:
        raise InvalidInput("no brokers to forward events to", where="MARQUEE_EVENTS_KAFKA", expected="host:port,…")
    forwarder, ended = Forwarder(Topic.configured()), threading.Event()
    if once:
        forwarder.forward(settings().event_log)
        return
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    log.info("forwarding events", brokers=settings().events_kafka, topic=settings().events_topic)
    while not ended.wait(EVERY_S):
        _tried(forwarder)
    _tried(forwarder)


def _tried(forwarder: Forwarder) -> None:
    try:
        forwarder.forward(settings().event_log)
    except Unavailable as error:
        log.warning("events wait in the log", reason=error.what, got=error.got)
