"""Damages replicas of a running platform as disks would, sees the alerts, and does what their runbooks say."""

import time
from contextlib import suppress
from pathlib import Path

from bench.observe.prometheus import Prometheus
from bench.stack import Stack
from marquee.contracts.errors import Unavailable

PATIENCE_S = 60


def drill(stack: Stack, watching: Prometheus, slug: str) -> dict[str, float]:
    """Seconds from the scrub that finds a damage to its alert, by alert."""
    seen = {}
    _segment(stack, "eu").unlink()
    seen["ReplicasDamaged"] = _scrubbed(stack, watching, "ReplicasDamaged")
    lost = _segment(stack, "eu").relative_to(stack.settings.home / "origin" / "eu")
    for region in stack.settings.origins:
        (stack.settings.home / "origin" / region / lost).unlink()
    with suppress(Unavailable):  # it says what is missing, and so has the release scrubbed
        stack.marquee("verify", slug)
    seen["FilesLost"] = _scrubbed(stack, watching, "FilesLost")
    stack.marquee("rollback", slug)  # as the runbook has it
    return seen


def _segment(stack: Stack, region: str) -> Path:
    """A segment of the release that was made last, which is the one that is shown."""
    (title,) = (path for path in (stack.settings.home / "origin" / region).iterdir() if path.name.isdecimal())
    release = max((path for path in title.iterdir() if path.is_dir()), key=lambda path: int(path.name))
    return min(release.glob("video/*/*.m4s"))


def _scrubbed(stack: Stack, watching: Prometheus, alert: str) -> float:
    with suppress(Unavailable):  # its exit status is 1 where something is lost
        stack.marquee("scrub-due")
    began = time.monotonic()
    while not watching.query(f'ALERTS{{alertname="{alert}"}}'):
        if time.monotonic() > began + PATIENCE_S:
            raise Unavailable(f"no alert within {PATIENCE_S} s", where=alert)
        time.sleep(0.5)
    return time.monotonic() - began
