"""A series, as a visitor may see it."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from api.browse.service import items
from api.deps import pick_language
from api.release_cache import ends_ms
from api.rows.schemas import RowItem
from api.search.service import Languages
from api.search.viewing import Outlook
from api.series.names import series_name
from api.series.schemas import NextEpisode, Season, Series
from api.steering.service import edge_of_pictures
from marquee.catalogue import browsing
from marquee.catalogue.rows import Ask, Offered
from marquee.catalogue.series import SeriesRecord
from marquee.contracts.errors import NotFound
from marquee.contracts.members import Member
from marquee.discovery.series import Place, Why, next_episode


async def series(ask: Ask, seen: Outlook, visitor: Member | None, slug: str, languages: Languages) -> Series:
    """Raises NotFound where no episode of it is seen."""
    found = [title for title in seen.local.series(slug) if title.title_id in seen.allowed]
    title_ids = [title.title_id for title in found]
    at: dict[int, tuple[int, int]] = {}
    if found and visitor is not None and visitor.profile_id is not None:
        at = await browsing.places(ask, visitor.account_id, visitor.profile_id, title_ids)
    places = {t: Place(when_ms, position_ms >= _ends_ms(seen, t)) for t, (position_ms, when_ms) in at.items()}
    if (chosen := next_episode(title_ids, places)) is None:
        raise NotFound("no such series", where="slug", got=slug)
    resume = {t: position_ms for t, (position_ms, _) in at.items() if not places[t].finished}
    episodes = [_resumed(item, resume) for item in items(seen, title_ids, languages)]
    return _series(seen.snapshot.series.get(slug), found, episodes, chosen, languages)


def _series(
    record: SeriesRecord | None,
    found: Sequence[Offered],
    episodes: Sequence[RowItem],
    chosen: tuple[int, Why],
    languages: Languages,
) -> Series:
    slug = found[0].series or ""
    following = next(episode for episode in episodes if episode.title_id == chosen[0])
    season_of = {title.title_id: title.season or 0 for title in found}
    poster, poster_widths = _picture("poster", record, episodes, following)
    backdrop, backdrop_widths = _picture("backdrop", record, episodes, following)
    names, original = (record.season_names, record.named.language) if record else ({}, "")
    return Series(
        slug=slug,
        name=series_name(slug, record.named if record else None, languages),
        synopsis=_text(record.synopses, original, languages) if record else None,
        finished=record.finished if record else None,
        poster_url=poster,
        poster_widths=poster_widths,
        backdrop_url=backdrop,
        backdrop_widths=backdrop_widths,
        genres=list(record.genres) if record and record.genres else _genres(found),
        seasons=[
            Season(season=season, name=_text(names.get(season, {}), original, languages), episodes=list(those))
            for season, those in groupby(episodes, key=lambda episode: season_of[episode.title_id])
        ],
        next=NextEpisode(episode=following, why=chosen[1]),
    )


def _text(texts: Mapping[str, str], original: str, languages: Languages) -> str | None:
    """In the language wanted most of those that there are, else the original one, else the first; None without any."""
    wanted = pick_language(languages, list(texts)) or original
    return texts.get(wanted) or next(iter(texts.values()), None)


def _picture(
    kind: str, record: SeriesRecord | None, episodes: Iterable[RowItem], following: RowItem
) -> tuple[str | None, list[int]]:
    """Its own, else of the episode that stands for it, which is told only where it is seen, else of the next one.

    Its address, and the widths in which it is there too.
    """
    if record and (own := record.artwork.get(kind)):
        return f"{edge_of_pictures()}/{own.path}", list(own.widths)
    standing = (each for each in episodes if record and each.slug == record.artwork_of)
    pictures = [(getattr(each, f"{kind}_url"), getattr(each, f"{kind}_widths")) for each in (*standing, following)]
    return next((found for found in pictures if found[0]), (None, []))


def _ends_ms(seen: Outlook, title_id: int) -> float:
    title = seen.snapshot.titles[title_id]
    programme = seen.snapshot.programmes[title.release_id]
    return ends_ms(programme.duration_s, title.credits_of(programme))


def _resumed(item: RowItem, resume: Mapping[int, int]) -> RowItem:
    return item.model_copy(update={"resume_ms": resume.get(item.title_id, 0)})


def _genres(found: Iterable[Offered]) -> list[str]:
    return list(dict.fromkeys(genre for title in found for genre in title.genres))
