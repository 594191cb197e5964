"""A series, as a visitor may see it."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from api.browse.service import items
from api.release_cache import ends_ms
from api.rows.schemas import RowItem
from api.search.service import Languages, series_name
from api.search.viewing import Outlook
from api.series.schemas import NextEpisode, Season, Series
from marquee.catalogue import browsing
from marquee.catalogue.rows import Ask, Offered
from marquee.contracts.errors import NotFound
from marquee.contracts.members import Member
from marquee.discovery.series import Place, next_episode


async def series(ask: Ask, seen: Outlook, visitor: Member | None, slug: str, languages: Languages) -> Series:
    """Raises NotFound where no episode of it is seen."""
    titles = seen.snapshot.titles
    found = sorted((t for t in seen.local.series(slug) if t.title_id in seen.allowed), key=_order)
    if not found:
        raise NotFound("no such series", where="slug", got=slug)
    title_ids = [title.title_id for title in found]
    at: dict[int, tuple[int, int]] = {}
    if visitor is not None and visitor.profile_id is not None:
        at = await browsing.places(ask, visitor.account_id, visitor.profile_id, title_ids)
    ends = {title_id: _ends_ms(seen, title_id) for title_id in at}
    places = {t: Place(when_ms, position_ms >= ends[t]) for t, (position_ms, when_ms) in at.items()}
    resume = {t: position_ms for t, (position_ms, _) in at.items() if not places[t].finished}
    episodes = [_resumed(item, resume) for item in items(seen, title_ids, languages)]
    chosen = next_episode(title_ids, places)
    if chosen is None:  # there are episodes
        raise NotFound("no such series", where="slug", got=slug)
    by_season = groupby(episodes, key=lambda item: titles[item.title_id].season or 0)
    return Series(
        slug=slug,
        name=series_name(slug),
        genres=_genres(found),
        seasons=[Season(season=season, episodes=list(those)) for season, those in by_season],
        next=NextEpisode(episode=next(e for e in episodes if e.title_id == chosen[0]), why=chosen[1]),
    )


def _order(title: Offered) -> tuple[int, int, int]:
    return title.season or 0, title.number or 0, title.title_id


def _ends_ms(seen: Outlook, title_id: int) -> float:
    title = seen.snapshot.titles[title_id]
    programme = seen.snapshot.programmes[title.release_id]
    return ends_ms(programme.duration_s, title.credits_of(programme))


def _resumed(item: RowItem, resume: Mapping[int, int]) -> RowItem:
    return item.model_copy(update={"resume_ms": resume.get(item.title_id, 0)})


def _genres(found: Iterable[Offered]) -> list[str]:
    return list(dict.fromkeys(genre for title in found for genre in title.genres))
