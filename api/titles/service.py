"""Lists and shows titles in the viewer's language."""

import base64
import binascii

from api.deps import MAX_ID, pick_language
from api.opinions.schemas import opinion
from api.pictures import pictures_of
from api.release_cache import ReleaseFacts, facts, facts_of
from api.series.names import series_name
from api.titles.schemas import AudioOffer, CreditLine, EpisodeOf, TextOffer, TitleCard, TitleDetail, TitlePage
from marquee.catalogue import opinions, profiles, progress, series, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import TitleCredit
from marquee.catalogue.rows import Ask
from marquee.catalogue.titles import ListedTitle
from marquee.contracts import ratings
from marquee.contracts.entitlement import Viewpoint
from marquee.contracts.errors import InvalidInput
from marquee.contracts.members import Member
from marquee.members import entitlement, watching


async def page(
    ask: Ask,
    *,
    query: str | None,
    genre: str | None,
    language: str | None = None,
    cursor: str | None,
    limit: int,
    languages: tuple[str, ...],
    view: Viewpoint,
    hidden: frozenset[int] = frozenset(),
) -> TitlePage:
    """Up to `limit` titles that are seen from there, without the `hidden` ones, newest first.

    Raises InvalidInput for a cursor that is none of ours.
    """
    before = read_cursor(cursor) if cursor else None
    most = limit + 1 + len(hidden)
    listed = await titles.listed(ask, query=query, genre=genre, language=language, before=before, view=view, limit=most)
    found = [title for title in listed if title.title_id not in hidden][: limit + 1]
    releases = await facts_of([title.release_id for title in found[:limit]])
    cards = [_card(title, releases[title.release_id], languages) for title in found[:limit]]
    return TitlePage(items=cards, next_cursor=write_cursor(cards[-1].title_id) if len(found) > limit else None)


async def view_of(ask: Ask, visitor: Member | None, territory: str) -> Viewpoint:
    """From where a visitor looks; one without a profile has no limits. Raises NotFound for a deleted profile."""
    if visitor is None or visitor.profile_id is None:
        return entitlement.viewpoint(territory=territory)
    kids, age_limit = await profiles.limits(ask, visitor.account_id, visitor.profile_id)
    return entitlement.viewpoint(territory=territory, kids=kids, age_limit=age_limit)


def detail(title_id: int, languages: tuple[str, ...], visitor: Member | None, territory: str) -> TitleDetail:
    """A title's own page. Raises NotFound for a title that is not shown, or a deleted profile; NotSuitable."""
    whose = (visitor.account_id, visitor.profile_id) if visitor and visitor.profile_id else None
    with begin() as session:
        view = entitlement.viewpoint(territory=territory)
        if whose:
            view = watching.view_of(profiles.get(session, *whose), territory)
        title = watching.seen_title(session, title_id, view, trailers=True)
        position_ms = progress.position_ms(session, *whose, title_id) if whose else 0
        said = opinions.get(session, *whose, title_id) if whose else None
        refused = watching.refused(session, visitor.account_id if visitor else None, view, title)
        trailer_id, film_id = titles.trailer_of(session, title, view), titles.film_of(session, title, view)
        credit_lines = [_credit(each) for each in title.credits]
        listed = titles.as_listed(title, series.names(session, title.series))
    text = title.text(pick_language(languages, [text.language for text in title.texts]))
    found = facts(titles.release_of(title) or 0).marked(title.marks)
    release = found.release
    return TitleDetail(
        **dict(_card(listed, found, languages)),
        synopsis=text.synopsis,
        credits=credit_lines,
        countries=title.countries,
        audio=_audio(found),
        text=[TextOffer(language=t.language, kind=t.kind) for t in release.text],
        resolution=max(release.video, key=lambda v: v.width * v.height).quality if release.video else None,
        resume_ms=found.resume_ms(position_ms),
        opinion=opinion(said),
        rating_label=ratings.shown_in(territory, title.ratings),
        play_refusal=refused,
        trailer_id=trailer_id,
        film_id=film_id,
    )


def write_cursor(title_id: int) -> str:
    """An opaque cursor: the page goes on after this title."""
    return base64.urlsafe_b64encode(title_id.to_bytes(8, "big")).decode().rstrip("=")


def read_cursor(cursor: str) -> int:
    """The title that a page goes on after. Raises InvalidInput."""
    try:
        title_id = int.from_bytes(base64.b64decode(f"{cursor}=", altchars=b"-_", validate=True), "big")
    except (binascii.Error, ValueError):
        title_id = 0
    if not 0 < title_id <= MAX_ID or write_cursor(title_id) != cursor:
        raise InvalidInput("not a cursor", where="cursor", expected="next_cursor of a page before", got=repr(cursor))
    return title_id


def _card(title: ListedTitle, found: ReleaseFacts, languages: tuple[str, ...]) -> TitleCard:
    episode = None
    if title.series is not None:
        name = series_name(title.series, title.series_names, languages)
        place = {"season": title.season or 0, "number": title.number or 0}
        episode = EpisodeOf(series=title.series, series_name=name, **place)
    return TitleCard(
        title_id=title.title_id,
        slug=title.slug,
        name=title.names[pick_language(languages, list(title.names)) or title.language],
        year=title.year,
        kind=title.kind,
        maturity_rating=title.maturity_rating,
        genres=title.genres,
        duration_s=found.release.duration_s,
        **pictures_of(title.title_id, title.release_id, title.artwork, found.extras)._asdict(),
        episode=episode,
    )


def _credit(credit: TitleCredit) -> CreditLine:
    person = credit.person
    return CreditLine(person_id=person.id, name=person.name, role=credit.role, character=credit.character)


def _audio(found: ReleaseFacts) -> list[AudioOffer]:
    """One snapshot per language and role, though a release may hold it as stereo and as surround sound."""
    most: dict[tuple[str, str], int] = {}
    for track in found.release.audio:
        key = (track.language, track.role)
        most[key] = max(most.get(key, 0), track.channels)
    return [AudioOffer(language=language, role=role, channels=n) for (language, role), n in most.items()]
