"""What encoding takes and makes, over the last day.

A release counts on the day on which it was published, its tasks on the day on which they ended: over a day's work of
many titles that is the same.
"""

from collections.abc import Iterator

from prometheus_client import Metric
from sqlalchemy import text

from marquee.catalogue.database import begin, engine
from marquee.monitoring.parts import rows, single
from marquee.settings import settings

ENCODING = "('probe', 'encode', 'make_track', 'join_and_verify')"  # of dags/title_pipeline.py
SLOT_SECONDS = text(f"""
    select coalesce(sum(duration * pool_slots), 0) from task_instance
    where dag_id = 'title_pipeline' and task_id in {ENCODING} and end_date > now() - interval '1 day'
""")  # noqa: S608 (a constant)
MADE = text("""
    select coalesce(sum((document ->> 'duration_s')::float), 0),
        coalesce(sum((document ->> 'duration_s')::float * jsonb_array_length(document -> 'video')), 0)
    from releases where published_at > now() - interval '1 day'
""")


def read() -> Iterator[Metric]:
    """Seconds of places of the transcode pool that tasks held, and seconds of titles and of renditions they made."""
    with engine(settings().database("airflow")).connect() as connection:
        held = float(connection.execute(SLOT_SECONDS).scalar_one())
    with begin() as session:
        of_titles, of_renditions = rows(session, MADE)[0]
    yield single("encode_slot_seconds", "Places times seconds that encoding has held within a day", held)
    yield single("encoded_title_seconds", "Running time of releases published within a day", of_titles)
    yield single("encoded_rendition_seconds", "The same times their video renditions", of_renditions)
