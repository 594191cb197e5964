"""Prometheus metrics."""

import os
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from api.ops.live import LiveFigures

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class Metrics:
    """Requests by route template, so that ids never become labels.

    Where PROMETHEUS_MULTIPROC_DIR names a folder, workers keep their counts there, and each of them tells the sums of
    all: a scrape reaches only one.
    """

    def __init__(self) -> None:
        self._shared = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
        if self._shared:
            Path(self._shared).mkdir(parents=True, exist_ok=True)
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("marquee_api_requests", "Requests answered", labels, registry=self._registry)
        self._seconds = Histogram(
            "marquee_api_request_seconds",
            "Time to the whole answer",
            labels[:2],
            registry=self._registry,
            buckets=BUCKETS,
        )
        self._live = LiveFigures()
        self._registry.register(self._live)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        known = method if method in METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(known, route).observe(seconds)

    def render(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self._of_all_workers() if self._shared else self._registry)

    def _of_all_workers(self) -> CollectorRegistry:
        sums = CollectorRegistry()
        MultiProcessCollector(sums, self._shared)  # type: ignore[no-untyped-call]
        sums.register(self._live)
        return sums
