"""# From events to marts

Wakes when events were shipped, and every night in any case. Only the days that changed are made anew.

| step | what happens | where to look |
|---|---|---|
| `scrub` | viewers who were deleted leave the lake | |
| `find_due` | the days whose streams changed; a **backfill** makes its own day, the form any period | |
| `check_events` | Great Expectations on the raw events | **Data › Data docs** |
| `make_sessions` | Spark: playbacks, viewing sessions, interactions, title pairs | |
| `check_sessions` | do they agree with the events and with each other? | **Data docs** |
| `build_marts` | dbt builds and tests the marts; readers see the earlier ones until all is well | **Data › dbt docs** |
| `check_marts` | Great Expectations on what everybody reads | **Data docs** |
| `serve_charts` | top 10, trending, gems and leaving soon go to the API | the web app |

A broken expectation stops what comes after it, and says which rows broke it. Runs can be killed and cleared at any
moment: every step replaces its outcome as a whole.
"""

from datetime import timedelta

from airflow.sdk import AssetOrTimeSchedule, Param, chain, dag

from marquee_airflow import data_tasks, deadlines, tasks
from marquee_airflow.assets import EVENT_LOG_ASSET
from marquee_airflow.schedules import nightly

PARAMS = {
    "first_day": Param(
        None,
        type=["null", "string"],
        format="date",
        title="First day",
        description="Make these days anew (UTC). Empty: what was shipped since the last run.",
    ),
    "last_day": Param(
        None, type=["null", "string"], format="date", title="Last day", description="Empty: the first day alone."
    ),
}


@dag(
    doc_md=__doc__,
    schedule=AssetOrTimeSchedule(timetable=nightly(3), assets=[EVENT_LOG_ASSET]),
    catchup=False,
    max_active_runs=1,
    params=PARAMS,
    default_args={
        "owner": "data",
        "retries": 2,
        "retry_delay": timedelta(seconds=20),
        "retry_policy": tasks.RETRIES,
    },
    deadline=deadlines.within(timedelta(hours=2)),
    tags=["viewing"],
    dag_display_name="Viewing marts",
)
def viewing_marts() -> None:
    due = data_tasks.find_due()
    data_tasks.scrub() >> due
    steps = [
        data_tasks.check_events(due),
        data_tasks.make_sessions(due),
        data_tasks.check_sessions(due),
        data_tasks.build_marts(due),
        data_tasks.check_marts(due),
        data_tasks.serve_charts(due),
    ]
    chain(*steps)


viewing_marts()
