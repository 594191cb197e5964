"""The jobs by name, in the order in which they feed each other."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import SparkSession

from marquee import tracing
from marquee.contracts.errors import InvalidInput
from marquee.logs import log
from spark_jobs import cowatch, interactions, playbacks, sessions
from spark_jobs.session import spark_session

Job = Callable[[SparkSession, Collection[date]], list[str]]
JOBS: Mapping[str, Job] = {
    "playbacks": playbacks.main,
    "sessions": sessions.main,
    "interactions": lambda spark, _: interactions.main(spark),
    "cowatch": lambda spark, _: cowatch.main(spark),
}


@dataclass(frozen=True)
class Report:
    """What a run wrote: the keys in the lake and the seconds it took, by job."""

    written: dict[str, list[str]]
    seconds: dict[str, float]


def run(jobs: Sequence[str], days: Collection[date]) -> Report:
    """Run jobs for the days whose events changed; in any thread. Running again gives the same files.

    Playbacks are made for these days, sessions for all days that they reach into, interactions and co-watch whole.
    A run that was killed leaves each partition as it was or as it is to be. Raises InvalidInput for an unknown job.
    """
    if unknown := set(jobs) - set(JOBS):
        raise InvalidInput("no such job", where="spark_jobs", expected=", ".join(JOBS), got=", ".join(sorted(unknown)))
    spark, report = spark_session(), Report({}, {})
    for name in (name for name in JOBS if name in jobs):
        log.info("job begins", job=name, days=len(days))
        began = time.monotonic()
        with tracing.span(f"spark {name}", {"marquee.days": len(days)}):
            report.written[name] = JOBS[name](spark, days)
        report.seconds[name] = round(time.monotonic() - began, 3)
        log.info("job ended", job=name, files=len(report.written[name]), seconds=report.seconds[name])
    return report
