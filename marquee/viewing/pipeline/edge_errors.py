"""Releases of which edges could not get files, as their logs in the lake say."""

from datetime import timedelta
from typing import NamedTuple

from marquee.catalogue.models import now
from marquee.contracts.lake import EDGE_REQUESTS
from marquee.viewing.expectations.reading import connected, select

LEAST = 3  # failures of a release: one alone may be a server that was started anew
QUERY = """
    SELECT regexp_extract(path, '^/[0-9]+/([0-9]+)/', 1)::BIGINT AS release_id, count(*) AS failures
    FROM {requests} WHERE kind IS NOT NULL AND (status = 404 OR status >= 500) AND at_ms >= ?
    GROUP BY release_id HAVING count(*) >= ? ORDER BY failures DESC, release_id
"""


class Troubled(NamedTuple):
    """A release, and how many requests for its files failed at the edges."""

    release_id: int
    failures: int


def troubled(hours: float) -> list[Troubled]:
    """Releases with several failures (404, 5xx) in the last hours, the most troubled first."""
    since = now() - timedelta(hours=hours)
    days = {(since + timedelta(days=n)).date() for n in range(-1, int(hours // 24) + 3)}  # sessions begin before
    with connected() as connection:
        query = QUERY.format(requests=select(EDGE_REQUESTS, days))
        found = connection.execute(query, [int(since.timestamp() * 1000), LEAST]).fetchall()
    return [Troubled(release_id, failures) for release_id, failures in found]
