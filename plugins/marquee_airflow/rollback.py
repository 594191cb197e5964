"""Starts a rollback as a run of its DAG: comparing all bytes of a release takes longer than a request may."""

from marquee.content.desk import sheet
from marquee.contracts.base import Contract
from marquee.contracts.errors import NotFound
from marquee_airflow.runs import start_run


class Started(Contract):
    """A run of a DAG."""

    dag_id: str
    run_id: str


def start(title_id: int, release_id: int | None, by: str) -> Started:
    """Roll a title back to a release, or to the one shown before. Raises NotFound for a release of another title."""
    found = sheet.title_sheet(title_id)
    if release_id is not None and release_id not in {each.release_id for each in found.releases}:
        raise NotFound("no such release of this title", where="release_id", got=str(release_id))
    conf = {"title": found.slug, "release_id": None if release_id is None else str(release_id)}
    return Started(dag_id="title_rollback", run_id=start_run("title_rollback", conf, by))
