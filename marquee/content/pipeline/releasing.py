"""Packages, replicates, publishes and warms releases; rolls back."""

from collections.abc import Collection, Mapping
from pathlib import Path

from sqlalchemy.orm import Session

from marquee.catalogue import deliveries, releases, title_versions, titles
from marquee.catalogue.database import begin
from marquee.content.edge.purge import purge_all, purge_paths
from marquee.content.edge.warmup import warm
from marquee.content.media.made import made_by
from marquee.content.media.package import second_scheme
from marquee.content.media.package.build import package as build
from marquee.content.media.package.check import check
from marquee.content.media.package.inventory import inventory, later_kids
from marquee.content.media.package.layout import Keys
from marquee.content.media.thumbnails import make_artwork, make_thumbnails
from marquee.content.media.widths import narrower
from marquee.content.origin import pictures
from marquee.content.origin.publish import replicate
from marquee.content.origin.replica import complete
from marquee.content.origin.scrub import scrub as scrub_replicas
from marquee.content.pipeline import content_keys, integrity, quality
from marquee.content.pipeline.encoding import measures
from marquee.content.pipeline.plans import load
from marquee.content.pipeline.stores import mezzanine, origins, work
from marquee.contracts.artwork import OWN_RELEASE, OwnPicture
from marquee.contracts.base import Contract
from marquee.contracts.edge import PurgeReport, WarmupReport
from marquee.contracts.errors import InvalidInput, NotFound
from marquee.contracts.ids import Id
from marquee.contracts.plan import DrmScheme, EncodePlan
from marquee.contracts.release import Release, SecondEncryption
from marquee.logs import log
from marquee.settings import settings
from marquee.tools.scratch import scratch


class Shown(Contract):
    """The release that viewers of a title now get. `changed` is false when they got it before."""

    title_id: Id
    release_id: Id
    slug: str
    changed: bool


def package(release_id: int) -> Release:
    """Package a release's tracks, check every law they must keep, and replicate the result to all origins.

    Viewers notice nothing: the catalogue's pointer moves in `publish`. One that is packaged already is kept.
    """
    with begin() as session:
        row = releases.get(session, release_id)
        title = titles.get(session, row.title_id)
    plan = load(row.plan)
    if row.document is not None and all(complete(s, releases.document(row)) for s in origins().values()):
        return releases.document(row)
    keys = {scheme: content_keys.for_release(release_id, plan, scheme) for scheme in plan.scheme.parts}
    with scratch() as folder:
        built, second = _built(plan, title.original_language, keys, folder)
        described = inventory(
            built,
            plan,
            keys=keys[plan.scheme.parts[0]],
            measures=measures(plan),
            release_id=release_id,
            title_id=title.id,
            slug=title.slug,
            created_at=row.created_at,
        )
        later = {kid: kids for own in keys.values() for kid, kids in later_kids(own).items()}
        release = integrity.signed(described.model_copy(update={"second": second, "later_kids": later}))
        replicate(built, release, origins())
    with begin() as session:
        releases.get(session, release_id).document = release.model_dump(mode="json")
    log.info("packaged", release_id=release_id, files=len(release.files), bytes=sum(f.size for f in release.files))
    return release


def _built(
    plan: EncodePlan, language: str, keys: Mapping[DrmScheme, Keys], folder: Path
) -> tuple[Path, SecondEncryption | None]:
    """The release's folder, checked. Each scheme is packaged and checked by itself before the two are put together."""
    thumbnails, artwork = make_thumbnails(plan, mezzanine(), work(), folder), _artwork(plan, folder)
    made, built = made_by(plan, work()), dict[DrmScheme, Path]()
    for scheme, own in keys.items():
        alone, place = plan.model_copy(update={"scheme": scheme}), folder / scheme
        pictures = None if built else artwork
        built[scheme] = build(
            alone, made, place, keys=own, thumbnails=thumbnails, default_language=language, artwork=pictures
        )
        check(built[scheme], alone, keys=own, thumbnails=thumbnails)
    first, *rest = built
    for scheme in rest:
        second_scheme.add(built[scheme], built[first], scheme)
        return built[first], second_scheme.described(scheme, keys[first], keys[scheme])
    return built[first], None


def _artwork(plan: EncodePlan, folder: Path) -> dict[str, Path]:
    """Pictures by kind: those delivered, and made ones for the kinds that were not; narrower ones by width and kind."""
    made = {kind: work().fetch(key) for kind, key in make_artwork(plan, mezzanine(), work(), folder).items()}
    whole = made | {kind: mezzanine().fetch(key) for kind, key in plan.artwork.items()}
    found = {kind: narrower(kind, picture, folder) for kind, picture in whole.items()}
    return whole | {f"{width}/{kind}": file for kind, files in found.items() for width, file in files.items()}


def publish(release_id: int, *, actor: str) -> Shown:
    """Move the title's pointer to a packaged release, once every replica holds all of it.

    One with a replaced track stays back where a later delivery has come since: that one has this track too, or is a
    film with tracks of its own.
    """
    with begin() as session:
        later = _shown_instead(session, release_id)
    if later:
        log.info("stays back", title=later.slug, release_id=release_id, shown=later.release_id)
        return later
    return _point(release_id, action="publish", actor=actor)


def _shown_instead(session: Session, release_id: int) -> Shown | None:
    row = releases.get(session, release_id)
    delivered = deliveries.of_release(session, row)
    if delivered is None or not delivered.document.get("tracks"):
        return None
    title, latest = titles.get(session, row.title_id), deliveries.latest_accepted(session, delivered.slug)
    if latest is None or latest.id == delivered.id or quality.rejected(session, latest.id):
        return None
    return Shown(title_id=title.id, release_id=title.current_release_id or row.id, slug=title.slug, changed=False)


def roll_back(slug: str, release_id: int | None = None, *, actor: str) -> Shown:
    """Point a title at an earlier release, the one before the present one, or at any complete one that is named.

    Raises NotFound when there is no such title or release, InvalidInput when the release is another title's,
    Unavailable when a replica does not hold it whole, GateFailed when it is not signed by this installation as it is.
    """
    with begin() as session:
        title = titles.of_slug(session, slug)
        row = releases.get(session, release_id) if release_id else releases.previous(session, title.id)
        if row.title_id != title.id:
            raise InvalidInput("a release of another title", where="release_id", expected=slug, got=str(release_id))
    return _point(row.id, action="rollback" if row.published_at else "publish", actor=actor)


def _point(release_id: int, *, action: str, actor: str) -> Shown:
    with begin() as session:
        release = releases.document(releases.get(session, release_id))
    integrity.require_whole(release)
    with begin() as session:
        changed = releases.point(session, release_id, action=action, actor=actor)
    log.info(action, title=release.slug, release_id=release_id, changed=changed, actor=actor)
    return Shown(title_id=release.title_id, release_id=release_id, slug=release.slug, changed=changed)


def warm_up(release_id: int, edge: str) -> WarmupReport:
    """Fill an edge's cache with a release within the byte budget. Raises Unavailable when the edge is away."""
    with begin() as session:
        release = releases.document(releases.get(session, release_id))
    url, budget = settings().edge_addresses[edge], settings().warmup_budget_bytes
    key, authority = settings().secret("edge_key"), settings().authority
    report = warm(edge, url, release, budget, key=key, authority=authority)
    log.info("warm", **report.model_dump(exclude={"failed"}), failed=len(report.failed))
    return report


def purge(slug: str, release_id: int | None = None) -> list[PurgeReport]:
    """Take a title's releases and its own pictures, or one release, out of the caches of all shields and edges.

    Raises NotFound when there is no such title or release, Unavailable when a cache is away.
    """
    with begin() as session:
        title_id = titles.of_slug(session, slug).id
        every = {row.id: releases.document(row) for row in releases.published(session, title_id)}
        files = title_versions.picture_files(session, title_id) if release_id is None else set()
    if release_id is not None and release_id not in every:
        raise NotFound("no such release", where="release", expected=", ".join(map(str, every)), got=str(release_id))
    chosen = [release for number, release in every.items() if release_id in (None, number)]
    caches = settings().shield_addresses | settings().edge_addresses
    key, authority = settings().secret("edge_key"), settings().authority
    reports = [report for each in chosen for report in purge_all(caches, each, key=key, authority=authority)]
    for report in reports:
        log.info("purge", title=slug, **report.model_dump())
    return reports + purge_pictures(title_id, files)


def purge_pictures(title_id: int, files: Collection[str]) -> list[PurgeReport]:
    """Take these of a title's own pictures out of all caches. Raises Unavailable when a cache is away."""
    if not files:
        return []
    paths = [f"art/{file}" for file in sorted(files)]
    caches = settings().shield_addresses | settings().edge_addresses
    key, authority = settings().secret("edge_key"), settings().authority
    reports = [
        purge_paths(name, url, title_id, OWN_RELEASE, paths, key=key, authority=authority)
        for name, url in caches.items()
    ]
    log.info("purge", title_id=title_id, pictures=len(paths), dropped=sum(each.dropped for each in reports))
    return reports


def scrub(slug: str) -> dict[int, dict[str, tuple[str, ...]]]:
    """Repair the replicas of all published releases of a title; which files were repaired, by release and region.

    The release 0 stands for the title's own pictures. Raises NotFound when there is no such title, Unavailable when a
    file has no good copy anywhere.
    """
    with begin() as session:
        title = titles.of_slug(session, slug)
        rows = releases.published(session, title.id)
        own = [OwnPicture.model_validate(each) for each in title.artwork.values()]
    repaired = {row.id: scrub_replicas(releases.document(row), origins()) for row in rows}
    return repaired | {OWN_RELEASE: pictures.repair(title.id, own, origins())}
