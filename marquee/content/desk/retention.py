"""Retention: old releases, chunks and sources are found by stated rules, and collected when a person says so.

- A **release** goes when viewers do not get it and will not by a schedule, it is none of the latest
  `retention_releases` beside that, was shown longer ago than `retention_days`, and no playback that lives is on it.
- **Chunks** (the work files of a plan) go when every release of the plan is published and so old, or collected; those
  that another plan of the same film needs stay. The plan of a release is remembered as long as the release.
- A **source** goes when it is not of the latest accepted delivery of its title, is so old, and every release made from
  it is collected.

The history of publications stays. What is collected is made again by delivering, or encoding, again.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from marquee.catalogue import deletions, releases
from marquee.catalogue.database import begin
from marquee.catalogue.models import ReleaseRow, ReleaseState, now
from marquee.content.desk.deletion import NO_NEW_DELIVERIES, delete_source, own_sources
from marquee.content.desk.work_files import delete_work
from marquee.content.edge.purge import purge_all
from marquee.content.origin.replica import withdraw
from marquee.content.pipeline import plans
from marquee.content.pipeline.stores import mezzanine, origins
from marquee.contracts.base import Contract
from marquee.contracts.ids import Id
from marquee.contracts.release import Release
from marquee.logs import log
from marquee.settings import settings

OLD_RELEASES = """
    select r.id from releases r join titles t on t.id = r.title_id
    where r.state = 'published' and r.id is distinct from t.current_release_id
      and r.id is distinct from t.scheduled_release_id
      and coalesce((select max(p.at) from publications p where p.release_id = r.id), r.published_at) < :before
      and (select count(*) from releases o where o.title_id = r.title_id and o.state = 'published'
           and o.id is distinct from t.current_release_id
           and (o.published_at, o.id) > (r.published_at, r.id)) >= :kept
      and not exists (select from playback_sessions s where s.release_id = r.id and s.ended_at is null
                      and s.expires_at > now())
      and not exists (select from previews p where p.release_id = r.id and p.ended_at is null
                      and p.expires_at > now())
      and (:only = 0 or r.id = :only)
    order by r.id
"""
OLD_PLANS = """
    select r.plan from releases r group by r.plan
    having bool_and(r.state <> 'building' and coalesce(r.published_at, r.created_at) < :before) order by r.plan
"""
OLD_DELIVERIES = """
    select d.id from deliveries d
    where d.state = 'accepted' and d.received_at < :before
      and exists (select from deliveries n where n.slug = d.slug and n.state = 'accepted'
                  and (n.received_at, n.id) > (d.received_at, d.id))
      and not exists (select from releases r where r.title_id = d.title_id and r.fingerprint = d.fingerprint
                      and r.state <> 'withdrawn')
    order by d.id
"""


class Found(Contract):
    """What may be collected now."""

    releases: tuple[Id, ...]
    plans: tuple[str, ...]  # folders of the work store
    sources: tuple[str, ...]  # keys of the mezzanine store


def find() -> Found:
    """What the rules let go; nothing is changed. Sources that go with a release of this run are found by the next."""
    with begin() as session:
        gone = tuple(session.scalars(text(OLD_RELEASES), _terms()))
        old_plans = [plan for plan in session.scalars(text(OLD_PLANS), _before()) if plans.has_files(plan)]
        sources = tuple(sorted(_old_sources(session)))
    found = Found(releases=gone, plans=tuple(old_plans), sources=sources)
    log.info("retention", releases=len(gone), plans=len(old_plans), sources=len(sources))
    return found


def collect(found: Found) -> Found:
    """Collect what was found, of which each is held against the rules again; what went. Safe to run again.

    Raises Unavailable while a backup is being made.
    """
    with deletions.allowed():
        return _collect(found)


def _collect(found: Found) -> Found:
    gone = tuple(release_id for release_id in found.releases if _collect_release(release_id))
    with begin() as session:
        still = set(session.scalars(text(OLD_PLANS), _before()))
    old_plans = tuple(plan for plan in found.plans if plan in still)
    for plan in old_plans:
        with begin() as session:
            delete_work(session, plan, remember=_is_used(session, plan))
    with begin() as session:
        session.execute(NO_NEW_DELIVERIES)
        sources = tuple(sorted(set(found.sources) & _old_sources(session)))
        for key in sources:
            delete_source(key)
    return Found(releases=gone, plans=old_plans, sources=sources)


def _before() -> dict[str, datetime]:
    return {"before": now() - timedelta(days=settings().retention_days)}


def _terms(only: int = 0) -> dict[str, object]:
    return {**_before(), "kept": settings().retention_releases, "only": only}


def _collect_release(release_id: int) -> bool:
    """Nobody can be pointed at it from the first step on; the document goes last, and until then it can be repeated."""
    with begin() as session:
        row = session.scalars(select(ReleaseRow).filter_by(id=release_id).with_for_update()).one_or_none()
        if row is None or row.document is None:
            return False
        if row.state != ReleaseState.WITHDRAWN and not session.scalar(text(OLD_RELEASES), _terms(release_id)):
            return False
        row.state, release = ReleaseState.WITHDRAWN, releases.document(row)
    _delete_bytes(release)
    with begin() as session:
        releases.get(session, release_id).document = None
        if not _is_used(session, release.plan):
            plans.forget(release.plan)
    log.info("collected", release=release.prefix, bytes=sum(file.size for file in release.files))
    return True


def _is_used(session: Session, plan: str) -> bool:
    """Whether a release of the plan has its bytes."""
    made = select(ReleaseRow.id).where(ReleaseRow.plan == plan, ReleaseRow.document.is_not(None))
    return session.scalar(made.limit(1)) is not None


def _delete_bytes(release: Release) -> None:
    caches = settings().shield_addresses | settings().edge_addresses
    purge_all(caches, release, key=settings().secret("edge_key"), authority=settings().authority)
    withdraw(release, origins())


def _old_sources(session: Session) -> set[str]:
    """Keys that only old deliveries have."""
    ids = session.scalars(text(OLD_DELIVERIES), _before()).all()
    return {key for key in own_sources(session, ids) if mezzanine().exists(key)}
