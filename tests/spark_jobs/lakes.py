"""A lake of random streams, and what the jobs have made of it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from marquee.contracts.lake import EVENTS, partition_of
from marquee.viewing import lake
from spark_jobs.jobs import JOBS
from tests.spark_jobs.streams import DAY_ONE

DAYS = [DAY_ONE + timedelta(number) for number in range(4)]
CHAIN = ["playbacks", "sessions"]


def ship(name: str, events: Iterable[dict[str, Any]]) -> set[date]:
    """Write events into their partitions, in files of this name; returns the days that have changed."""
    parts = defaultdict(list)
    for row in events:
        parts[partition_of(row["session_id"])].append(row)
    for (dt, hour), rows in parts.items():
        lake.write(EVENTS, f"{name}.parquet", rows, dt=dt, hour=hour)
    return {date.fromisoformat(dt) for dt, _ in parts}


def content() -> dict[str, bytes]:
    """The bytes of every file that the jobs wrote, by its key; not what a kill has left under a hidden name."""
    store = lake.store()
    made = [key for key in store.keys("") if key.split("/")[0] in JOBS and key.endswith(".parquet")]
    return {key: store.read(key) for key in made}
