"""Lists of what a visitor may see now, from the snapshot."""

from collections.abc import Iterable, Sequence

from api.browse.schemas import TitleList, ValueList
from api.rows.schemas import RowItem
from api.search.service import Languages, cards, counted
from api.search.viewing import Outlook
from marquee.catalogue import browsing
from marquee.catalogue.rows import Ask
from marquee.contracts.errors import NotFound
from marquee.contracts.rows import Chart

LEAST_SHARED = 1  # genres that a title shares with one that it is like, where no model says it


def items(seen: Outlook, title_ids: Iterable[int], languages: Languages) -> list[RowItem]:
    """Of those that are allowed, in their order."""
    shown = [title_id for title_id in title_ids if title_id in seen.allowed]
    until_ms = seen.local.until_ms
    return [
        RowItem(**dict(card), available_until_ms=until_ms.get(card.title_id), resume_ms=0)
        for card in cards(seen, shown, languages)
    ]


def genres(seen: Outlook) -> ValueList:
    return ValueList(items=counted(seen.counts().genres))


def original_languages(seen: Outlook) -> ValueList:
    return ValueList(items=counted(seen.counts().languages))


def newest(seen: Outlook, limit: int, languages: Languages) -> TitleList:
    """The newest first."""
    return _list(seen, list(seen.local.titles), limit, languages)


def leaving(seen: Outlook, limit: int, languages: Languages) -> TitleList:
    """What leaves within thirty days, the soonest first."""
    until_ms = seen.local.until_ms
    return _list(seen, sorted(until_ms, key=lambda title_id: (until_ms[title_id], -title_id)), limit, languages)


def top10(seen: Outlook, limit: int, languages: Languages) -> TitleList:
    """The ten most played there."""
    return _list(seen, seen.local.charts[Chart.TOP10], min(limit, 10), languages)


def _list(seen: Outlook, title_ids: Sequence[int], limit: int, languages: Languages) -> TitleList:
    shown = [title_id for title_id in title_ids if title_id in seen.allowed][:limit]
    return TitleList(items=items(seen, shown, languages))


async def similar(ask: Ask, seen: Outlook, title_id: int, limit: int, languages: Languages) -> TitleList:
    """The titles most like one, as the live model has them; those of its genres where none knows it.

    Raises NotFound for a title that is not seen.
    """
    if title_id not in seen.allowed:
        raise NotFound("no such title", where="title_id", got=str(title_id))
    found = await browsing.similar(ask, title_id)
    like = [other for other in found if other in seen.allowed and other != title_id]
    return _list(seen, like or _of_its_genres(seen, title_id, limit), limit, languages)


def _of_its_genres(seen: Outlook, title_id: int, limit: int) -> list[int]:
    """Those that share most genres, the newest first of as many."""
    titles = seen.snapshot.titles
    wanted, series = set(titles[title_id].genres), titles[title_id].series
    shared = {
        other: len(wanted & set(titles[other].genres))
        for other in seen.local.titles
        if other in seen.allowed and other != title_id and (series is None or titles[other].series != series)
    }
    like = [other for other, count in shared.items() if count >= LEAST_SHARED]
    return sorted(like, key=lambda other: -shared[other])[:limit]
