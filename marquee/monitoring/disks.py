"""Room on the disks that hold state."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import Metric

from marquee.monitoring.parts import gauge
from marquee.settings import Settings, settings


def read() -> Iterator[Metric]:
    """`marquee_disk_…_bytes{folder}`, one for each disk: folders on the same one are told once, by the first."""
    free = gauge("disk_free_bytes", "Room that is left", "folder")
    size = gauge("disk_size_bytes", "Room in all", "folder")
    for name, path in _folders(settings()).items():
        usage = shutil.disk_usage(path)
        free.add_metric([name], usage.free)
        size.add_metric([name], usage.total)
    yield from (free, size)


def _folders(s: Settings) -> dict[str, Path]:
    named = {"home": s.home, "events": s.event_log, "edge-log": s.edge_log}
    found = {name: path for name, path in named.items() if path.is_dir()}
    first = {path.stat().st_dev: name for name, path in reversed(found.items())}
    return {name: found[name] for name in found if name in first.values()}
