"""What the edges serve, counted from their logs as they grow: the logs are shipped only once an hour.

Files are remembered by their number on the disk (a closed one has another name) and read on from where the last look
ended. What was shipped before anybody looked is not counted.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily

from marquee.settings import settings
from marquee.viewing.edgelog import cmcd
from marquee.viewing.eventlog.files import CLOSED, OPEN

SLOW_S = 1.0
Key = tuple[str, ...]


class EdgeTraffic:
    """Counts of one process. For one thread at a time."""

    def __init__(self) -> None:
        self._read_to: dict[int, int] = {}
        self.requests: Counter[Key] = Counter()  # by edge, cache, status class
        self.bytes: Counter[Key] = Counter()  # by edge
        self.slow: Counter[Key] = Counter()
        self.video_ms: Counter[Key] = Counter()

    def __call__(self) -> Iterator[Metric]:
        """The part: reads what is new, and tells the counts."""
        self.look(settings().edge_log)
        yield _family("edge_requests", "Requests", ("edge", "cache", "status"), self.requests)
        yield _family("edge_bytes", "Bytes of bodies", ("edge",), self.bytes)
        yield _family("edge_slow_requests", "Requests that took over a second", ("edge",), self.slow)
        seconds = {key: ms / 1000 for key, ms in self.video_ms.items()}
        yield _family("edge_video_seconds", "Running time of video segments served", ("edge",), seconds)

    def look(self, root: Path) -> None:
        """Count the lines that have come since the last time."""
        there: dict[int, int] = {}
        for path in root.glob("*/*"):
            if path.suffix in (OPEN, CLOSED):
                number, end = self._count(path)
                there[number] = end
        self._read_to = there

    def _count(self, path: Path) -> tuple[int, int]:
        try:
            with path.open("rb") as file:
                number = path.stat().st_ino
                at = self._read_to.get(number, 0)
                file.seek(at)
                new = file.read()
        except FileNotFoundError:  # shipped meanwhile
            return 0, 0
        whole = new[: new.rfind(b"\n") + 1]
        for line in whole.splitlines():
            self._add(line)
        return number, at + len(whole)

    def _add(self, line: bytes) -> None:
        try:
            said: dict[str, Any] = json.loads(line)
            edge, status, size = str(said["edge"]), int(said["status"]), int(said["bytes"])
        except (ValueError, KeyError, TypeError):
            return  # the shipper makes a dead letter of it
        self.requests[edge, str(said.get("cache") or "").strip("-").lower() or "none", f"{status // 100}xx"] += 1
        self.bytes[(edge,)] += size
        self.slow[(edge,)] += float(said.get("seconds", 0)) > SLOW_S
        if "/video/" in str(said.get("path")) and status in (200, 206):
            self.video_ms[(edge,)] += cmcd.parse(str(said.get("cmcd") or "")).get("object_duration_ms") or 0


def _family(name: str, help_: str, labels: Key, counts: "Counter[Key] | dict[Key, float]") -> CounterMetricFamily:
    family = CounterMetricFamily(f"marquee_{name}", help_, labels=labels)
    for key, count in counts.items():
        family.add_metric(key, count)
    return family
