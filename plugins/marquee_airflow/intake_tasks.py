"""The tasks that get films in: each calls one use case of marquee.content.pipeline.

Imports stay inside the tasks, because Airflow parses the DAG files, and so this one, in every task process.
"""

from typing import Any

from airflow.sdk import task

from marquee_airflow.tasks import RETRIES

Json = dict[str, Any]
TOLD = 1000  # lines of a report that the log and the result hold


@task(retries=0)
def tidy_uploads() -> int:
    """Hand in the uploads that are whole, delete those that have lain too long; returns how many were deleted."""
    from marquee.content.pipeline import uploads

    return uploads.tidy()


@task
def take_series() -> Json:
    """Take the deliveries of series that are ready; a refused one goes to quarantine and stops none of the others."""
    from marquee.content.pipeline import series

    done = series.take_ready()
    for slug, reason in done.not_taken.items():
        print("not taken", slug, reason)  # noqa: T201 (the task's log)
    return done.model_dump(mode="json")


@task(retry_policy=RETRIES)
def import_titles(params: Json) -> Json:
    """Say what an import takes and what not, and take it unless it is a dry run. Nothing is delivered twice."""
    from marquee.content.pipeline import imports

    source = imports.below_import_path(params["source"])
    language = params["language"]
    report = (
        imports.dry_run(source, language=language)
        if params["dry_run"]
        else imports.run(source, language=language, at_most=params["at_most"])
    )
    for line in report.lines[:TOLD]:
        print("taken    " if line.taken else "not taken", line.source, line.slug, line.reason)  # noqa: T201 (the task's log)
    passed = [f"{line.source}: {line.reason}" for line in report.lines if not line.taken]
    return {"taken": [line.slug for line in report.taken][:TOLD], "not_taken": passed[:TOLD]}
