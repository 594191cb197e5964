"""What the search index is made from, what decides a viewer's results, and the searches that found nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from sys import intern
from typing import Any

from sqlalchemy import Connection, Select, cast, delete, func, select
from sqlalchemy.dialects.postgresql import BIT
from sqlalchemy.orm import Session

from marquee.catalogue.models import SearchMiss
from marquee.catalogue.rows import Ask, fetched
from marquee.contracts.errors import NotFound
from marquee.contracts.lake import LEAST_ASKERS

TEXTS = """
    select t.id, array(select x.synopsis from title_texts x where x.title_id = t.id and x.synopsis is not null),
           c.ids, c.names, c.characters
    from titles t
    left join lateral (select array_agg(p.id order by c.position) as ids,
                              array_agg(p.name order by c.position) as names,
                              array_agg(c.character order by c.position) as characters
                       from title_credits c join people p on p.id = c.person_id where c.title_id = t.id) c on true
    where t.id = any(%(ids)s)
"""
PLAYS = """
    select title_id, sum(plays)::float8 from demand_forecasts
    where day = (select max(day) from demand_forecasts) group by title_id
"""
GENRES_LIKED = 3
OWN = "account_id = $1::bigint and profile_id = $2::bigint"  # in each part, so that each asks one shard
SEEKER = f"""
    select p.kids, p.age_limit, array(
        select g.genre from title_genres g join (
            select title_id from profile_picks where {OWN}
            union all
            select title_id from title_opinions where {OWN} and (thumb = 'up' or listed_at is not null)
            union all
            (select title_id from progress where {OWN} order by updated_at desc limit 20)
        ) l on l.title_id = g.title_id
        group by g.genre order by count(*) desc, g.genre limit {GENRES_LIKED}),
        array(select title_id from title_opinions where {OWN} and hidden)
    from profiles p where p.account_id = $1::bigint and p.id = $2::bigint
"""  # noqa: S608 (constants)
ASKERS = func.bit_count(cast(func.bit_or(SearchMiss.askers), BIT(64)))  # of the rows of a group, so many at least
MISSES_A_DAY = 10_000  # different ones; what comes then is not counted, so that nobody fills the table
ADD_MISS = f"""
    insert into search_miss_counts (day, query, territory, language, times, askers)
    select $1::date, $2::text, $3::text, $4::text, 1, $5::bigint
    where (select count(*) from search_miss_counts where day = $1::date) < {MISSES_A_DAY}
    on conflict (day, query, territory, language) do update
    set times = search_miss_counts.times + 1, askers = search_miss_counts.askers | excluded.askers
"""  # noqa: S608 (a constant)


@dataclass(frozen=True, slots=True)
class TitleWords:
    """What is searched of a title beside its names; each credit is (person, name, character)."""

    synopses: tuple[str, ...]
    credits: tuple[tuple[int, str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Seeker:
    """A profile that searches: its limits, the genres that it likes most, and the titles that it has hidden."""

    kids: bool
    age_limit: int | None
    genres: tuple[str, ...]
    hidden: frozenset[int]


@dataclass(frozen=True, slots=True)
class Missed:
    """A query that nothing answered, how often it was asked, and by how many at least."""

    query: str
    times: int
    last: date
    askers: int


def title_words(connection: Connection, title_ids: Sequence[int]) -> dict[int, TitleWords]:
    """By title."""
    found = fetched(connection, TEXTS, ids=list(title_ids))
    return {row[0]: TitleWords(tuple(row[1]), _credits(*row[2:])) for row in found}


def _credits(
    ids: list[int] | None, names: list[str], characters: list[str | None]
) -> tuple[tuple[int, str, str | None], ...]:
    """A name is one object, however many titles have it: there are several to each."""
    return () if ids is None else tuple(zip(ids, map(intern, names), characters, strict=True))


def expected_plays(connection: Connection) -> dict[int, float]:
    """Plays expected of titles on the latest day that was forecast, everywhere."""
    return {row[0]: row[1] for row in fetched(connection, PLAYS)}


async def seeker(ask: Ask, account_id: int, profile_id: int) -> Seeker:
    """A profile as searches need it. Raises NotFound."""
    for kids, age_limit, genres, hidden in await ask(SEEKER, account_id, profile_id):
        return Seeker(bool(kids), age_limit, tuple(genres), frozenset(hidden))
    raise NotFound("no such profile", where="profile_id", got=str(profile_id))


async def add_miss(ask: Ask, day: date, query: str, territory: str, language: str, asker_bit: int) -> None:
    """Count a query that nothing answered."""
    await ask(ADD_MISS, day, query, territory, language, asker_bit)


def misses(
    session: Session, since: date, *, territory: str | None = None, language: str | None = None, limit: int = 100
) -> list[Missed]:
    """The queries that nothing answered since a day and that several people asked, the most frequent first."""
    row, times = SearchMiss, func.sum(SearchMiss.times)
    columns = row.query, times, func.max(row.day), ASKERS
    statement = select(*columns).where(row.day >= since).group_by(row.query).having(ASKERS >= LEAST_ASKERS)
    if territory is not None:
        statement = statement.where(row.territory == territory)
    if language is not None:
        statement = statement.where(row.language == language)
    found = session.execute(statement.order_by(times.desc(), row.query).limit(limit)).tuples()
    return [Missed(query, int(count), last, askers) for query, count, last, askers in found]


def told_misses(since: date) -> Select[Any]:
    """What is counted by day of the queries that several people asked since then; what few asked stays here."""
    row = SearchMiss
    told = select(row.query).where(row.day >= since).group_by(row.query).having(ASKERS >= LEAST_ASKERS)
    columns: tuple[Any, ...] = (row.day, row.query, row.territory, row.language, row.times, row.askers)
    wanted = select(*columns).where(row.day >= since, row.query.in_(told))
    return wanted.order_by(row.day, row.query, row.territory, row.language)


def forget_misses(session: Session, before: date) -> None:
    """Delete what was counted before a day."""
    session.execute(delete(SearchMiss).where(SearchMiss.day < before))
