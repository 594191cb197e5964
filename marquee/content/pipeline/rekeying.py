"""Titles whose content keys are old: made anew with fresh keys, from what is encoded already.

The old release keeps its keys and plays on for those who watch it; whoever starts then gets the new one.
"""

from datetime import timedelta

from marquee.catalogue import deliveries, releases, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import ReleaseRow, now
from marquee.content.pipeline.inline import carry
from marquee.content.pipeline.releasing import Shown
from marquee.contracts.base import Contract
from marquee.contracts.errors import Conflict, NotFound
from marquee.contracts.ids import Id
from marquee.contracts.plan import DrmScheme
from marquee.logs import log
from marquee.settings import settings

MOST = 50  # titles of one day: a catalogue is not packaged anew at once


class Rekeying(Contract):
    """A title that is to get new keys: which delivery and release it is made from, and how they were judged."""

    slug: str
    delivery_id: Id
    release_id: Id
    scheme: DrmScheme
    qc_profile: str


def due() -> list[Rekeying]:
    """Titles that are shown with keys older than `key_days`, the oldest first; none where that is 0.

    One whose delivery is not known any more is left out, and said.
    """
    if not settings().key_days:
        return []
    with begin() as session:
        before = now() - timedelta(days=settings().key_days)
        found = [_of(row) for row in releases.with_old_keys(session, before, MOST)]
    return [each for each in found if each]


def renew(slug: str, *, actor: str) -> Shown:
    """Give a title new keys in this process. Raises NotFound, Conflict for one in the clear, and as `carry` does."""
    with begin() as session:
        title = titles.of_slug(session, slug)
        row = releases.get(session, title.current_release_id or 0)
        if not releases.keys(session, row.id):
            raise Conflict("the release is in the clear", where=f"title {slug}", expected="one with content keys")
    wanted = _of(row)
    if wanted is None:
        raise NotFound("its delivery is not known any more", where=f"title {slug}")
    return carry(
        slug,
        delivery_id=wanted.delivery_id,
        reuse=wanted.release_id,
        scheme=wanted.scheme,
        qc_profile=wanted.qc_profile,
        new_keys=True,
        actor=actor,
    )


def _of(row: ReleaseRow) -> Rekeying | None:
    with begin() as session:
        release, delivery = releases.document(row), deliveries.of_release(session, row)
        judged = deliveries.reports(session, delivery.id) if delivery else []
    if delivery is None or not judged:
        log.warning("keys are old, and the delivery is not known any more", release=release.prefix, title=release.slug)
        return None
    return Rekeying(
        slug=release.slug,
        delivery_id=delivery.id,
        release_id=row.id,
        scheme=release.scheme,
        qc_profile=judged[0].profile,
    )
