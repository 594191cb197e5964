"""What pages of people, series, similar titles and collections are read from."""

from collections.abc import Sequence
from dataclasses import dataclass

from marquee.catalogue.rows import Ask

PERSON = """
    select p.name, c.title_id, c.role, c.character from people p join title_credits c on c.person_id = p.id
    where p.id = $1::bigint order by c.title_id desc, c.position
"""
PLACES = """
    select title_id, position_ms, (extract(epoch from updated_at) * 1000)::bigint from progress
    where account_id = $1::bigint and profile_id = $2::bigint and title_id = any($3::bigint[])
"""
SIMILAR = """
    select s.title_ids from similar_titles s join generations g on g.id = s.generation_id and g.live
    where s.title_id = $1::bigint
"""
COLLECTIONS = """
    select c.slug, c.original_language,
           (select jsonb_object_agg(x.language, jsonb_build_array(x.name, x.description)) from collection_texts x
            where x.collection_id = c.id),
           array(select t.title_id from collection_titles t where t.collection_id = c.id order by t.position)
    from collections c
    where (c.start is null or c.start <= now()) and (c."end" is null or c."end" > now())
      and ($1::text is null or c.slug = $1::text)
    order by c.position, c.slug
"""


@dataclass(frozen=True, slots=True)
class Part:
    """What a person did in a title."""

    title_id: int
    role: str
    character: str | None


@dataclass(frozen=True, slots=True)
class OpenCollection:
    """A collection that is open now; `texts` are (name, description) by language."""

    slug: str
    language: str
    texts: dict[str, tuple[str, str | None]]
    title_ids: tuple[int, ...]


async def person(ask: Ask, person_id: int) -> tuple[str, list[Part]]:
    """A person's name and parts, in titles seen by viewers or not; without any for nobody."""
    rows = await ask(PERSON, person_id)
    return (rows[0][0] if rows else ""), [Part(*row[1:]) for row in rows]


async def places(ask: Ask, account_id: int, profile_id: int, title_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Where a profile is in those of these titles that it has begun: position and time of it (ms)."""
    return {row[0]: (row[1], row[2]) for row in await ask(PLACES, account_id, profile_id, list(title_ids))}


async def similar(ask: Ask, title_id: int) -> tuple[int, ...]:
    """The titles most like one, best first, as the live generation has them."""
    return tuple(next((row[0] for row in await ask(SIMILAR, title_id)), ()))


async def collections(ask: Ask, slug: str | None = None) -> list[OpenCollection]:
    """Those that are open now, or the one of this slug; in the order that people gave them."""
    return [
        OpenCollection(row[0], row[1], {language: tuple(said) for language, said in row[2].items()}, tuple(row[3]))
        for row in await ask(COLLECTIONS, slug)
        if row[2]
    ]
