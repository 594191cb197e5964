"""GET /v1/collections…"""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.browse.endpoints import GUESTS_TOO, Seen
from api.browse.schemas import ItemQuery, LimitQuery
from api.browse.service import items
from api.collections.schemas import CollectionHead, CollectionList, CollectionPage
from api.deps import Languages, NearCatalogue, conditional, pick_language
from api.members import Visitor
from api.search.endpoints import cache_of
from api.series.endpoints import SLUG
from api.sparse import answer
from marquee.catalogue import browsing
from marquee.catalogue.browsing import OpenCollection
from marquee.contracts.errors import NotFound

router = APIRouter(prefix="/v1/collections", tags=["browse"])


@router.get("", response_model=CollectionList, **GUESTS_TOO)
async def list_collections(
    request: Request,
    languages: Languages,
    visitor: Visitor,
    seen: Seen,
    ask: NearCatalogue,
    asked: Annotated[LimitQuery, Query()],
) -> Response:
    """The collections that are open now."""
    found = []
    for each in await browsing.collections(ask):
        if shown := sum(title_id in seen.allowed for title_id in each.title_ids):
            name, description = _words(each, languages)
            found.append(CollectionHead(slug=each.slug, name=name, description=description, titles=shown))
    return conditional(request, CollectionList(items=found[: asked.limit]), cache=cache_of(visitor))


@router.get("/{slug}", response_model=CollectionPage, **GUESTS_TOO)
async def get_collection(
    request: Request,
    slug: Annotated[str, Path(pattern=SLUG, max_length=80)],
    languages: Languages,
    visitor: Visitor,
    seen: Seen,
    ask: NearCatalogue,
    asked: Annotated[ItemQuery, Query()],
) -> Response:
    """A collection's titles."""
    for each in await browsing.collections(ask, slug):
        if shown := items(seen, each.title_ids, languages):
            name, description = _words(each, languages)
            found = CollectionPage(slug=slug, name=name, description=description, items=shown)
            return answer(request, found, asked.fields, cache=cache_of(visitor))
    raise NotFound("no such collection", where="slug", got=slug)


def _words(collection: OpenCollection, languages: tuple[str, ...]) -> tuple[str, str | None]:
    return collection.texts[pick_language(languages, list(collection.texts)) or collection.language]
