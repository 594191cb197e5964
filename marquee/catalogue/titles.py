"""Titles: written from the sidecar, read by viewers and content ops."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import Session, lazyload

from marquee.catalogue import descriptions, title_versions
from marquee.catalogue.descriptions import MARKS
from marquee.catalogue.models import AvailabilityWindow, ReleaseRow, Title, TitleState, now
from marquee.catalogue.rows import Ask
from marquee.catalogue.series import SeriesNames
from marquee.contracts.entitlement import Offer, Viewpoint, Window
from marquee.contracts.errors import Conflict, NotFound
from marquee.contracts.release import Release
from marquee.contracts.title import Description, Kind, MaturityRating, TitleMetadata

LIKE = re.compile("[%_/]")  # of a LIKE pattern, with / as its escape


def by_slug(session: Session, slug: str) -> Title | None:
    return session.scalar(select(Title).where(Title.slug == slug))


def of_slug(session: Session, slug: str) -> Title:
    """The title of that slug. Raises NotFound."""
    if title := by_slug(session, slug):
        return title
    raise NotFound("no such title", where="title", got=repr(slug))


def get(session: Session, title_id: int) -> Title:
    """Raises NotFound."""
    if title := session.get(Title, title_id):
        return title
    raise NotFound("no such title", where="title_id", got=str(title_id))


def upsert(session: Session, metadata: TitleMetadata, fingerprint: str) -> Title:
    """Create or update a title from its sidecar; untouched when the same delivery is already in the catalogue.

    Fields that a person has edited stay as they are. Raises Conflict while the title is being deleted.
    """
    same = select(Title).where(Title.slug == metadata.slug).options(lazyload(Title.current_release))
    title = session.scalar(same.with_for_update())
    if title is None:
        return _create(session, metadata, fingerprint)
    if title.state == TitleState.DELETING:
        raise Conflict("the title is being deleted", where=f"title {title.slug}", expected="a later delivery")
    if title.fingerprint == fingerprint:
        return title
    edited, held = title_versions.edited_fields(session, title), descriptions.read(session, title)
    title.fingerprint, title.delivered, title.delivered_at = fingerprint, descriptions.fields(metadata), now()
    wanted = descriptions.merged(title.delivered, held, edited)
    descriptions.write(session, title, Description.model_validate(descriptions.document(wanted)))
    changed = title_versions.differences(held | {MARKS: None}, wanted | {MARKS: None}, edited)
    title_versions.record(session, title, "delivery", "delivery", changed)
    return title


def _create(session: Session, metadata: TitleMetadata, fingerprint: str) -> Title:
    title = Title(slug=metadata.slug, fingerprint=fingerprint, delivered=descriptions.fields(metadata), marks={})
    session.add(title)
    descriptions.write(session, title, metadata)
    title_versions.record(session, title, "delivery", "delivery", {})
    return title


def set_state(session: Session, title_id: int, state: TitleState, reason: str | None = None) -> None:
    """Record where a title stands. One that is published stays so while a new version of it is made or refused.

    What a person has taken away stays away.
    """
    title = get(session, title_id)
    if title.state in TAKEN_AWAY:
        return
    keeps_playing = title.current_release_id is not None and state is not TitleState.WITHDRAWN
    wanted = TitleState.PUBLISHED if keeps_playing else state
    if (title.state, title.state_reason) != (wanted, reason):
        title.state, title.state_reason = wanted, reason


EVERYBODY = Viewpoint()
TAKEN_AWAY = {TitleState.WITHDRAWN, TitleState.DELETING}  # by a person, and only a person brings it back


def shown(view: Viewpoint = EVERYBODY, at: datetime | None = None) -> ColumnElement[bool]:
    """The condition under which a title stands in lists: it may be seen, and is no trailer."""
    return and_(Title.kind != Kind.TRAILER, seen(view, at))


def seen(view: Viewpoint = EVERYBODY, at: datetime | None = None) -> ColumnElement[bool]:
    """The condition under which a title is seen: published, inside a window for the territory, and suitable.

    It says in SQL what `members.entitlement.refusal` says of one title.
    """
    moment = at or now()
    window = and_(
        AvailabilityWindow.title_id == Title.id,
        AvailabilityWindow.territory.in_({"*", view.territory}),
        or_(AvailabilityWindow.start.is_(None), AvailabilityWindow.start <= moment),
        or_(AvailabilityWindow.end.is_(None), AvailabilityWindow.end > moment),
    )
    due = and_(Title.scheduled_at <= moment, Title.scheduled_release_id.is_not(None))
    return and_(
        or_(Title.current_release_id.is_not(None), due),
        or_(Title.state == TitleState.PUBLISHED, and_(due, Title.state.not_in(TAKEN_AWAY))),
        or_(Title.shown_from.is_(None), Title.shown_from <= moment),
        Title.maturity_rating.in_(view.ratings),
        exists().where(window),
    )


def release_of(title: Title) -> int | None:
    """The release that viewers get: as the pointer says, or a schedule that is due, whether or not it is noted yet.

    The database's functions `release_of` and `state_of` say the same.
    """
    return title.scheduled_release_id if due(title) else title.current_release_id


def state_of(title: Title) -> str:
    """Where a title stands for viewers, in the same way."""
    return TitleState.PUBLISHED if due(title) and title.state not in TAKEN_AWAY else title.state


def due(title: Title) -> bool:
    """Whether its scheduled moment has come and is not noted yet."""
    return title.scheduled_release_id is not None and title.scheduled_at is not None and title.scheduled_at <= now()


LISTED = f"""
    select t.id, t.slug, t.year, t.kind, t.maturity_rating, t.series, t.season, t.number, t.original_language,
           release_of(t),
           (select jsonb_object_agg(x.language, x.name) from title_texts x where x.title_id = t.id),
           array(select g.genre from title_genres g where g.title_id = t.id order by g.position), t.artwork,
           (select jsonb_build_array(s.description -> 'original_language', (
                select jsonb_object_agg(x.key, x.value -> 'title') from jsonb_each(s.description -> 'texts') x))
            from series s where s.slug = t.series)
    from titles t
    where release_of(t) is not null and state_of(t) = '{TitleState.PUBLISHED}' and t.kind <> '{Kind.TRAILER}'
      and (t.shown_from is null or t.shown_from <= now())
      and exists (select from availability_windows w where w.title_id = t.id and w.territory in ('*', $1)
                  and (w.start is null or w.start <= now()) and (w."end" is null or w."end" > now()))
      and ($2::text is null
           or exists (select from title_texts x where x.title_id = t.id and x.name ilike $2 escape '/'))
      and ($3::text is null or exists (select from title_genres g where g.title_id = t.id and g.genre = $3))
      and ($4::bigint is null or t.id < $4)
      and t.maturity_rating = any($6::text[])
      and ($7::text is null or t.original_language = $7)
    order by t.id desc limit $5
"""  # noqa: S608 (a constant of ours)


@dataclass(frozen=True, slots=True)
class ListedTitle:
    """A title of a list, with its names by language; only what a card shows is read."""

    title_id: int
    slug: str
    year: int
    kind: str
    maturity_rating: str
    series: str | None
    season: int | None
    number: int | None
    language: str
    release_id: int
    names: dict[str, str]
    genres: list[str]
    artwork: dict[str, Any]  # pictures that people have given it, by kind
    series_names: SeriesNames | None


def as_listed(title: Title, series_names: SeriesNames | None) -> ListedTitle:
    """A published title as a list has it."""
    episode = title.series, title.season, title.number
    fields = title.id, title.slug, title.year, title.kind, title.maturity_rating, *episode, title.original_language
    names = {text.language: text.name for text in title.texts}
    genres = [g.genre for g in title.genres]
    return ListedTitle(*fields, release_of(title) or 0, names, genres, title.artwork, series_names)


async def listed(
    ask: Ask,
    *,
    query: str | None,
    genre: str | None,
    language: str | None = None,
    before: int | None,
    view: Viewpoint,
    limit: int,
) -> list[ListedTitle]:
    """Titles that viewers may see, newest first; `before` is the id after which a page goes on.

    `language` is the original one.
    """
    pattern = "%" + LIKE.sub(r"/\g<0>", query) + "%" if query else None
    rows = await ask(LISTED, view.territory, pattern, genre or None, before, limit, view.ratings, language or None)
    return [_as_listed([*row]) for row in rows]


def _as_listed(fields: list[Any]) -> ListedTitle:
    fields[-1] = SeriesNames(*fields[-1]) if fields[-1] else None
    return ListedTitle(*fields)


def find(session: Session, title_id: int) -> Title | None:
    """A title, seen by viewers or not; without its release's document, which lists thousands of files."""
    return session.scalar(select(Title).where(Title.id == title_id).options(lazyload(Title.current_release)))


def trailer_of(session: Session, title: Title, view: Viewpoint) -> int | None:
    """The newest trailer of a title that is seen from there."""
    newest = select(func.max(Title.id)).where(Title.trailer_of == title.slug, Title.kind == Kind.TRAILER, seen(view))
    return session.scalar(newest)


def film_of(session: Session, trailer: Title, view: Viewpoint) -> int | None:
    """The title that a trailer is of, where that is seen from there."""
    if trailer.trailer_of is None:
        return None
    return session.scalar(select(Title.id).where(Title.slug == trailer.trailer_of, shown(view)))


def by_ids(session: Session, title_ids: Sequence[int]) -> dict[int, Title]:
    """Those that are there, seen by viewers or not, without their releases' documents."""
    wanted = select(Title).where(Title.id.in_(title_ids)).options(lazyload(Title.current_release))
    return {title.id: title for title in session.scalars(wanted).unique()}


OFFERED = """
    select t.marks, t.kind,
           state_of(t), release_of(t), t.maturity_rating, t.shown_from, w.territory, w.start, w."end"
    from titles t left join availability_windows w on w.title_id = t.id
    where t.id = $1::bigint
"""
NAMES = """
    select t.id, x.name from titles t join title_texts x on x.title_id = t.id and x.language = t.original_language
    where t.id = any($1::bigint[])
"""


@dataclass(frozen=True, slots=True)
class OfferedTitle:
    """A title's current release, the title as the decision on it takes it, and the marks that a person has set.

    Marks are by the hash of the film they are of.
    """

    release_id: int
    offer: Offer
    marks: dict[str, Any]
    is_trailer: bool = False


async def offered(ask: Ask, title_id: int) -> OfferedTitle | None:
    """What playing a title begins with; None where there is no such title, or it has no release."""
    rows = [tuple(row) for row in await ask(OFFERED, title_id)]
    if not rows or (release_id := rows[0][3]) is None:
        return None
    marks, kind = rows[0][:2]
    return OfferedTitle(release_id, offer_of_rows([row[2:] for row in rows]), marks or {}, kind == Kind.TRAILER)


async def names(ask: Ask, title_ids: Sequence[int]) -> dict[int, str]:
    """The original names of those that are there."""
    rows = await ask(NAMES, list(title_ids))
    return {row[0]: row[1] for row in rows}


def offer_of_rows(rows: Sequence[tuple[Any, ...]]) -> Offer:
    """A title as the decision on who may see it takes it: state, release, rating, its beginning, and a window.

    One row of each window, or one of none.
    """
    state, release_id, rating, shown_from, *_ = rows[0]
    windows = ((territory, (start, end)) for *_, territory, start, end in rows if territory is not None)
    return offer_of(state, release_id, rating, windows, shown_from)


def offer(title: Title) -> Offer:
    """The same from the title's row."""
    windows = ((window.territory, (window.start, window.end)) for window in title.windows)
    return offer_of(state_of(title), release_of(title), title.maturity_rating, windows, title.shown_from)


def offer_of(
    state: str,
    release_id: int | None,
    rating: str,
    windows: Iterable[tuple[str, Window]],
    shown_from: datetime | None = None,
) -> Offer:
    """The same from what it consists of; each window with its territory, none opens before `shown_from`."""
    by_territory: dict[str, tuple[Window, ...]] = {}
    for territory, (start, end) in windows:
        opens = max((at for at in (start, shown_from) if at), default=None)
        by_territory[territory] = (*by_territory.get(territory, ()), (opens, end))
    return Offer(
        withdrawn=state in TAKEN_AWAY,
        published=state == TitleState.PUBLISHED and release_id is not None,
        rating=MaturityRating(rating),
        windows=by_territory,
        deleting=state == TitleState.DELETING,
    )


def release_for_viewers(session: Session, release_id: int) -> tuple[Release, frozenset[str], str]:
    """A packaged release without its list of files, the paths of its pictures, and the hash of its source.

    Pictures are artwork and seek-bar pictures. Raises NotFound when there is no such release or it is not packaged.
    """
    wanted = '$.files[*].path ? (@ starts with "art/" || @ starts with "thumbs/")'
    row = session.execute(
        select(
            ReleaseRow.outline,
            func.jsonb_path_query_array(ReleaseRow.document, cast(wanted, JSONPATH)),
            func.coalesce(ReleaseRow.source, ""),
        ).where(ReleaseRow.id == release_id, ReleaseRow.document.is_not(None))
    ).one_or_none()
    if row is None:
        raise NotFound("no such release", where="release_id", got=str(release_id))
    return Release.model_validate(row[0] | {"files": ()}), frozenset(row[1]), row[2]
