"""What a running platform holds, time after time, and how that grows."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression

from sqlalchemy import text

from bench.processes import held
from marquee.catalogue.database import begin

COUNTED = {
    "database connections": "select count(*) from pg_stat_activity where backend_type = 'client backend'",
    "transactions open for a minute": """select count(*) from pg_stat_activity
        where state like 'idle in transaction%' and state_change < now() - interval '1 minute'""",
    "streams": "select count(*) from streams where seen_at between now() - interval '2 minutes' and now()",
}
HOUR_S = 3600


@dataclass(frozen=True)
class Sample:
    """Of one moment (Unix s). `mib` and `files` are by service, `counts` by what is counted."""

    at: float
    mib: dict[str, float]
    files: dict[str, int]
    counts: dict[str, float]


@dataclass(frozen=True)
class Trend:
    """A line through values by time: where it begins and ends, and what it rises by an hour."""

    first: float
    last: float
    per_hour: float


def sample(leaders: Mapping[int, str], tmp: Path) -> Sample:
    """Of services, given as names by pid, of the database, and of files in the folder that all take for tmp."""
    now = held(leaders)
    with begin() as session:
        counts = {name: float(session.scalar(text(query))) for name, query in COUNTED.items()}
    counts["temporary files"] = sum(1 for _ in tmp.rglob("*"))
    mib = {name: each.mib for name, each in now.items()}
    return Sample(time.time(), mib, {name: each.files for name, each in now.items()}, counts)


def trend(times: Sequence[float], values: Sequence[float]) -> Trend:
    """By least squares; times in s, two of them at least."""
    begins = times[0]
    slope, start = linear_regression([(at - begins) / HOUR_S for at in times], values)
    return Trend(start, start + slope * (times[-1] - begins) / HOUR_S, slope)


def trends(samples: Sequence[Sample]) -> dict[str, Trend]:
    """By `memory of <service> (MiB)`, `files of <service>` and what is counted."""
    times = [each.at for each in samples]
    names = sorted(set.intersection(*(set(each.mib) for each in samples)))
    series: dict[str, list[float]] = {f"memory of {n} (MiB)": [each.mib[n] for each in samples] for n in names}
    series |= {f"files of {n}": [float(each.files[n]) for each in samples] for n in names}
    series |= {n: [each.counts[n] for each in samples] for n in samples[0].counts}
    return {name: trend(times, values) for name, values in series.items()}


def table(found: Mapping[str, Trend]) -> str:
    """Markdown."""
    head = ["| what | first | last | rise per hour |", "|---|---|---|---|"]
    rows = [f"| {name} | {t.first:.1f} | {t.last:.1f} | {t.per_hour:+.2f} |" for name, t in found.items()]
    return "\n".join([*head, *rows])
