"""Previews of pages: what is shown of a link where it is shared, by the Open Graph protocol (https://ogp.me)."""

import asyncio
import html
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Request

from api.context import territory_of
from api.deps import parse_id, pick_language, preferred_languages
from api.search.service import Languages, cards
from api.search.viewing import Outlook, outlook
from api.series import service as series
from api.titles import service as titles
from api.titles.schemas import TitleCard
from marquee.catalogue import browsing
from marquee.contracts.errors import MarqueeError, NotFound
from marquee.contracts.title import Kind
from marquee.settings import settings

NOT_TO_BE_LISTED = '<meta name="robots" content="noindex" />'
MOST_LETTERS = 300


@dataclass(frozen=True)
class Preview:
    """What a link shows. `kind` is an object type of Open Graph, `image` the address of a picture."""

    kind: str
    name: str
    text: str | None = None
    image: str | None = None


async def head(request: Request) -> str:
    """Elements for the page's `<head>`; empty for a page that is about nothing of the catalogue."""
    page = re.fullmatch(r"/(title|series|people|collections)/([^/]+)/?", request.url.path)
    if page is None:
        return ""
    try:
        found = await PAGES[page[1]](request, page[2], preferred_languages(request.headers.get("accept-language", "")))
    except (NotFound, ValueError):
        return NOT_TO_BE_LISTED
    except MarqueeError:
        return ""  # the page says by itself what is wrong
    return elements(found, f"{settings().api_url}/{page[1]}/{page[2]}")


def elements(preview: Preview, address: str) -> str:
    """The preview as elements of HTML; values are escaped."""
    text = (preview.text or "").strip()[:MOST_LETTERS]
    values = {
        "og:site_name": "Marquee",
        "og:type": preview.kind,
        "og:title": preview.name,
        "og:url": address,
        "og:description": text,
        "og:image": preview.image or "",
        "twitter:card": "summary_large_image" if preview.image else "summary",
    }
    metas = [f'<meta property="{name}" content="{html.escape(v)}" />' for name, v in values.items() if v]
    return "\n    ".join([f'<link rel="canonical" href="{html.escape(address)}" />', *metas])


async def _seen(request: Request) -> Outlook:
    return await outlook(request, None, territory_of(request))


async def _title(request: Request, title_id: str, languages: Languages) -> Preview:
    found = await asyncio.to_thread(titles.detail, parse_id(title_id), languages, None, territory_of(request))
    if found.kind is Kind.TRAILER:
        raise NotFound("a trailer has no page of its own", where="path")
    return Preview("video.episode" if found.episode else "video.movie", found.name, found.synopsis, _picture(found))


async def _series(request: Request, slug: str, languages: Languages) -> Preview:
    found = await series.series(request.app.state.database.ask, await _seen(request), None, slug, languages)
    return Preview("video.tv_show", found.name, found.synopsis, found.backdrop_url or found.poster_url)


async def _person(request: Request, person_id: str, languages: Languages) -> Preview:
    seen = await _seen(request)
    name, parts = await browsing.person(request.app.state.database.ask, parse_id(person_id))
    shown = [part.title_id for part in parts if part.title_id in seen.allowed]
    return Preview("profile", name, image=_first_picture(seen, shown, languages))


async def _collection(request: Request, slug: str, languages: Languages) -> Preview:
    seen = await _seen(request)
    for each in await browsing.collections(request.app.state.database.ask, slug):
        shown = [title_id for title_id in each.title_ids if title_id in seen.allowed]
        name, text = each.texts[pick_language(languages, list(each.texts)) or each.language]
        return Preview("website", name, text, _first_picture(seen, shown, languages))
    raise NotFound("no such collection", where="slug", got=slug)


def _first_picture(seen: Outlook, title_ids: list[int], languages: Languages) -> str | None:
    """Raises NotFound where there is nothing to be seen."""
    if not title_ids:
        raise NotFound("nothing to be seen", where="path")
    return _picture(cards(seen, title_ids[:1], languages)[0])


def _picture(card: TitleCard) -> str | None:
    return card.backdrop_url or card.poster_url


PAGES: dict[str, Callable[[Request, str, Languages], Awaitable[Preview]]] = {
    "title": _title,
    "series": _series,
    "people": _person,
    "collections": _collection,
}
