"""This machine: room on disks, the last backup, versions."""

import json
import platform
import shutil
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version

from marquee.health.checks import Check, Part, State, of_age, size
from marquee.settings import Settings

LITTLE, NONE = 0.10, 0.03  # of a disk, free
BACKUP_S = 8 * 86_400.0
PACKAGES = ("marquee", "apache-airflow-core", "pyspark", "mlflow", "dbt-core", "duckdb")


def parts(s: Settings) -> list[Part]:
    return [
        Part("Backup", "backup", partial(_backup, s)),
        Part("Disk", "disk", partial(_disks, s)),
        Part("Versions", "versions", _versions),
    ]


def _backup(s: Settings) -> Iterator[Check]:
    """By the record that a backup leaves: {"finished_at", "bytes", "verified_at"}."""
    try:
        last = json.loads((s.home / "backups" / "last.json").read_text())
    except FileNotFoundError:
        yield Check("last backup", State.WARNING, "never")
        return
    yield of_age("last backup", size(last["bytes"]), datetime.fromisoformat(last["finished_at"]), BACKUP_S)
    verified = last.get("verified_at")
    at = datetime.fromisoformat(verified) if verified else None
    yield of_age("last restored for a test", "played", at, BACKUP_S)


def _disks(s: Settings) -> Iterator[Check]:
    """Each disk once, by the first folder that lies on it."""
    seen: set[int] = set()
    for name, path in {"home": s.home, "events": s.event_log, "edge logs": s.edge_log}.items():
        if path.is_dir() and path.stat().st_dev not in seen:
            seen.add(path.stat().st_dev)
            usage = shutil.disk_usage(path)
            share = usage.free / usage.total
            state = State.DOWN if share < NONE else State.WARNING if share < LITTLE else State.OK
            yield Check(name, state, f"{size(usage.free)} free of {size(usage.total)}, {100 * share:.0f} %")


def _versions() -> Iterator[Check]:
    for name in PACKAGES:
        try:
            yield Check(name, State.OK, version(name))
        except PackageNotFoundError:
            yield Check(name, State.UNKNOWN, "not installed here")
    yield Check("python", State.OK, platform.python_version())
