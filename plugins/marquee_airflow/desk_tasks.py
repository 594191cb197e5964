"""The tasks of the DAGs that look after published titles: each calls one use case of marquee.content.desk.

Imports stay inside the tasks, because Airflow parses the DAG files, and so this one, in every task process.
"""

from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowSkipException

from marquee_airflow.assets import CATALOGUE_ASSET

Json = dict[str, Any]


@task(outlets=[CATALOGUE_ASSET])
def publish_due() -> list[str]:
    """Note that viewers get the releases whose scheduled moment has come; returns the titles' slugs."""
    from marquee.content.desk import upkeep

    return upkeep.publish_due()


@task
def purge_caches() -> int:
    """Take the files of titles that were taken away out of all caches; returns of how many titles."""
    from marquee.content.desk import upkeep

    return upkeep.purge_caches()


@task
def collect_pictures() -> int:
    """Delete pictures that people have replaced from replicas and caches; returns of how many titles."""
    from marquee.content.desk import upkeep

    return upkeep.collect_pictures()


@task(outlets=[CATALOGUE_ASSET])
def delete_titles() -> list[str]:
    """Delete the titles whose time of grace is over; returns their slugs."""
    from marquee.content.desk import upkeep

    return upkeep.delete_due()


@task
def find_old() -> Json:
    """What the rules of retention let go; nothing is changed."""
    from marquee.content.desk import retention

    return retention.find().model_dump(mode="json")


@task
def collect_old(found: Json, params: Json) -> Json:
    """Delete what was found and what the rules still let go; skipped in a dry run."""
    from marquee.content.desk import retention

    if params["dry_run"]:
        raise AirflowSkipException("a dry run: see what find_old returned")
    return retention.collect(retention.Found.model_validate(found)).model_dump(mode="json")
