"""GET /v1/people/{person_id}."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.browse.endpoints import GUESTS_TOO, Seen
from api.browse.schemas import PersonQuery
from api.deps import ApiId, Languages, NearCatalogue
from api.members import Visitor
from api.people.schemas import PartOf, Person, TitleOfPerson
from api.search.endpoints import cache_of
from api.search.service import cards
from api.sparse import answer
from marquee.catalogue import browsing
from marquee.contracts.errors import NotFound

router = APIRouter(prefix="/v1/people", tags=["browse"])
MOST_TITLES = 200


@router.get("/{person_id}", response_model=Person, **GUESTS_TOO)
async def get_person(
    request: Request,
    person_id: ApiId,
    languages: Languages,
    visitor: Visitor,
    seen: Seen,
    ask: NearCatalogue,
    asked: Annotated[PersonQuery, Query()],
) -> Response:
    """Somebody's titles that can be seen now. Who is credited in none of them is not told of."""
    name, parts = await browsing.person(ask, person_id)
    shown = [part for part in parts if part.title_id in seen.allowed]
    if not shown:
        raise NotFound("no such person", where="person_id", got=str(person_id))
    title_ids = list(dict.fromkeys(part.title_id for part in shown))[:MOST_TITLES]
    titles = [
        TitleOfPerson(
            **dict(card),
            parts=[PartOf(role=p.role, character=p.character) for p in shown if p.title_id == card.title_id],
        )
        for card in cards(seen, title_ids, languages)
    ]
    roles = list(dict.fromkeys(part.role for part in shown))
    found = Person(person_id=person_id, name=name, roles=roles, titles=titles)
    return answer(request, found, asked.fields, cache=cache_of(visitor))
