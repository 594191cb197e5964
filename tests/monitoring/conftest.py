"""Traces that are collected, and figures that are told."""

from collections.abc import Iterator

import pytest

from bench.observe.collector import Collector
from marquee import tracing
from marquee.settings import settings


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that this process sends its spans to."""
    made = Collector()
    monkeypatch.setenv("MARQUEE_OTLP_URL", made.url)
    settings.cache_clear()
    yield made
    tracing.flush()
    monkeypatch.undo()
    settings.cache_clear()
    made.stop()
