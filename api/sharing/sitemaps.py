"""robots.txt (RFC 9309) and sitemaps (https://www.sitemaps.org/protocol.html) of what guests see."""

import re
from collections.abc import Iterable
from urllib.parse import quote
from xml.sax.saxutils import escape

from fastapi import Request
from starlette.responses import PlainTextResponse, Response

from api.context import territory_of
from api.search.viewing import Outlook, outlook
from marquee.catalogue import browsing
from marquee.settings import settings

SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
LISTS = ("/", "/browse", "/new", "/leaving", "/top10")
MOST = 10_000  # addresses of one sitemap; the protocol allows 50,000
PAGE = re.compile(r"sitemap(?:-([1-9][0-9]{0,3}))?\.xml")
CLOSED = "User-agent: *\nDisallow: /\n"
OPEN = "User-agent: *\nDisallow: /v1/\nDisallow: /search\nDisallow: /watch/\n"
CACHE = {"Cache-Control": "private, max-age=3600"}  # it is another one elsewhere


async def answer(request: Request, path: str) -> Response | None:
    """The robots' rules, the index of sitemaps or one of them; None for another path, and where they are not given."""
    if path == "robots.txt":
        rules = f"{OPEN}\nSitemap: {settings().api_url}/sitemap.xml\n" if settings().search_engines else CLOSED
        return PlainTextResponse(rules, headers=CACHE)
    page = PAGE.fullmatch(path)
    if page is None or not settings().search_engines:
        return None
    found = await addresses(request)
    if page[1] is None:
        numbers = range(1, -(-len(found) // MOST) + 1)
        return _xml("sitemapindex", "sitemap", (f"/sitemap-{number}.xml" for number in numbers))
    part = found[MOST * (int(page[1]) - 1) :][:MOST]
    return _xml("urlset", "url", part) if part else None


async def addresses(request: Request) -> list[str]:
    """The paths of all pages about what a guest sees from there. Raises Unavailable."""
    seen = await outlook(request, None, territory_of(request))
    opened = await browsing.collections(request.app.state.database.ask)
    collections = [each.slug for each in opened if seen.allowed & set(each.title_ids)]
    return [
        *LISTS,
        *(f"/collections/{slug}" for slug in collections),
        *(f"/genres/{quote(genre, safe='')}" for genre in sorted(seen.counts().genres)),
        *(f"/languages/{language}" for language in sorted(seen.counts().languages)),
        *(f"/series/{slug}" for slug in _series(seen)),
        *(f"/title/{title_id}" for title_id in seen.local.titles if title_id in seen.allowed),
    ]


def _series(seen: Outlook) -> list[str]:
    shown = (title for title in seen.local.titles.values() if title.title_id in seen.allowed)
    return sorted({title.series for title in shown if title.series})


def _xml(root: str, item: str, paths: Iterable[str]) -> Response:
    base = settings().api_url
    items = "".join(f"<{item}><loc>{escape(base + path)}</loc></{item}>\n" for path in paths)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{SCHEMA}">\n{items}</{root}>\n'
    return Response(text, media_type="application/xml", headers=CACHE)
