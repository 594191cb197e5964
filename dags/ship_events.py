"""# Ship events

Every hour, and whenever you trigger it: moves what the API's event log holds into the lake (`events`, `browse` and
`edge_reports`, by the hour in which a stream began), what edges have logged beside it (`edge_requests`), and a fresh
snapshot of titles, profiles, opinions, payments, changes of plan and searches that found nothing. Each event and each
line arrives exactly once, however often a run is killed. What could not be read lies in `dead_letters` with its reason.

`viewing_marts` wakes when something was shipped.
"""

from datetime import timedelta

from airflow.sdk import dag

from marquee_airflow import data_tasks, deadlines, tasks


@dag(
    doc_md=__doc__,
    schedule="@hourly",
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "data",
        "retries": 3,
        "retry_delay": timedelta(seconds=20),
        "retry_policy": tasks.RETRIES,
    },
    deadline=deadlines.within(timedelta(minutes=30)),
    tags=["viewing"],
    dag_display_name="Ship events",
)
def ship_events() -> None:
    data_tasks.ship()


ship_events()
