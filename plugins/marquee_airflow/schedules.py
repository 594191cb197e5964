"""Schedules that the DAGs share."""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable


def nightly(hour: int) -> CronTriggerTimetable:
    """Once a day at this hour (UTC), for the first time at the next one.

    Without a span of 0, Airflow 3.3 starts the last one too on a fresh installation, if it lies no more than a tenth of
    a day back, though `run_immediately` is False.
    """
    return CronTriggerTimetable(f"0 {hour} * * *", timezone="UTC", run_immediately=timedelta())
