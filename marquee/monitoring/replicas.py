"""The origin's replicas, as scrubs have found them."""

from collections.abc import Iterator

from prometheus_client import Metric
from sqlalchemy import text

from marquee.catalogue.database import begin
from marquee.monitoring.parts import rows, single

FIGURES = text("""
    select
        (select count(*) from release_checks where suspected_at is not null),
        (select count(*) from replica_findings where at > now() - interval '1 day'),
        (select coalesce(sum(cardinality(array(select jsonb_array_elements(to_jsonb(lost))))), 0)
            from replica_findings where at > now() - interval '1 day'),
        (select extract(epoch from now() - min(coalesce(c.checked_at, r.published_at)))
            from releases r left join release_checks c on c.release_id = r.id
            where r.state = 'published' and r.document is not null)
""")


def read() -> Iterator[Metric]:
    """`marquee_releases_suspected`, and what was found damaged, or lost on all replicas, within a day."""
    with begin() as session:
        suspected, damaged, lost, unchecked = rows(session, FIGURES)[0]
    yield single("releases_suspected", "Releases of which a replica is suspected", suspected)
    yield single("replicas_damaged", "Replicas of releases found damaged within a day", damaged)
    yield single("files_lost", "Files found whole on no replica within a day", float(lost))
    age = None if unchecked is None else float(unchecked)
    yield single("replicas_unchecked_seconds", "Since the release that was checked the longest ago was", age)
