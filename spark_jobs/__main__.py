"""Runs Spark jobs: `python -m spark_jobs playbacks sessions … --days 2026-01-31 …`, or `… live`."""

import argparse
import os
from datetime import date

from marquee import logs, tracing
from marquee.settings import settings
from spark_jobs import live
from spark_jobs.jobs import JOBS, run


def main() -> None:
    parser = argparse.ArgumentParser(prog="spark_jobs", description=__doc__)
    parser.add_argument("jobs", nargs="+", choices=[*JOBS, "live"])
    parser.add_argument("--days", nargs="*", type=date.fromisoformat, default=[], help="whose events changed")
    arguments = parser.parse_args()
    logs.configure(json=settings().log_json, service="spark")
    tracing.name_service("spark")
    if "live" in arguments.jobs:
        live.main()
        return
    with tracing.continued(os.environ.get("TRACEPARENT", "")):
        run(arguments.jobs, arguments.days)


if __name__ == "__main__":
    main()
