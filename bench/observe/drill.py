"""Damages replicas of a running platform as disks would, sees the alerts, and does what their runbooks say."""

import time
from contextlib import suppress
from pathlib import Path

from bench.observe.prometheus import Prometheus
from bench.stack import Stack
from marquee.contracts.errors import Unavailable

ALERTS = ("ReplicasDamaged", "FilesLost")
PATIENCE_S = 60


def drill(stack: Stack, watching: Prometheus, slug: str) -> dict[str, float]:
    """Seconds from the scrub that finds the damage to each alert."""
    origin = stack.settings.home / "origin"
    damaged, lost = _segments(origin / "eu")
    (origin / "eu" / damaged).unlink()
    for region in stack.settings.origins:
        (origin / region / lost).unlink()
    with suppress(Unavailable):  # its exit status is 1 where something is lost
        stack.marquee("scrub-due")
    began = time.monotonic()
    seen = {alert: _seen(watching, alert) - began for alert in ALERTS}
    stack.marquee("rollback", slug)  # as the runbook has it
    return seen


def _segments(replica: Path) -> list[Path]:
    """Two segments of the release that was made last, which is the one that is shown; within the replica."""
    (title,) = (path for path in replica.iterdir() if path.name.isdecimal())
    release = max((path for path in title.iterdir() if path.name.isdecimal()), key=lambda path: int(path.name))
    return [path.relative_to(replica) for path in sorted(release.glob("video/*/*.m4s"))[:2]]


def _seen(watching: Prometheus, alert: str) -> float:
    """When an alert waits for its time to be over, or fires. Raises Unavailable."""
    deadline = time.monotonic() + PATIENCE_S
    while not watching.query(f'ALERTS{{alertname="{alert}"}}'):
        if time.monotonic() > deadline:
            raise Unavailable(f"no alert within {PATIENCE_S} s", where=alert)
        time.sleep(0.5)
    return time.monotonic()
