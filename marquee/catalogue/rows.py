"""What home pages are made from, read a few statements at a time: API processes keep the rest in memory.

`stand` and `stamps` say cheaply whether what a process remembers still holds; the other queries are for when it does
not.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from marquee.contracts.rows import Chart

T = TypeVar("T")
Ask = Callable[..., Awaitable[list[Any]]]  # (statement with $1 …, its values): the rows
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Window = tuple[datetime | None, datetime | None]  # from, to; open where there is none


class Together(Protocol):
    """Has work ask in one transaction; its answer. The work may be done twice, where a connection has died."""

    async def __call__(self, work: Callable[[Ask], Awaitable[T]], /) -> T: ...


@dataclass(frozen=True, slots=True)
class Offered:
    """A published title, with its windows by territory, "*" being the world."""

    title_id: int
    release_id: int
    slug: str
    kind: str
    year: int
    language: str
    maturity_rating: str
    series: str | None
    season: int | None
    number: int | None
    names: dict[str, str]  # by language
    genres: tuple[str, ...]
    credits_start_s: float | None  # as a person has set it; the programme's own holds where this is None
    marked: bool  # whether a person has set marks
    windows: dict[str, tuple[Window, ...]]
    since: datetime | None = None  # its first publication
    artwork: Mapping[str, Any] = field(default_factory=dict)  # pictures that people have given it, by kind

    def credits_of(self, programme: "Programme") -> float | None:
        """Where the credits of its programme begin: as a person has set it, else as it was delivered."""
        return self.credits_start_s if self.marked else programme.credits_start_s


@dataclass(frozen=True, slots=True)
class Programme:
    """What a home page needs of a release; `artwork` are the paths of its pictures."""

    duration_s: float
    credits_start_s: float | None
    artwork: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Test:
    """An active experiment; `arms` are the arms' shares, the control first."""

    __test__ = False  # for pytest, which takes it for one of its own
    name: str
    salt: str
    arms: dict[str, float]


@dataclass(frozen=True, slots=True)
class Stamp:
    """Changes with anything a viewer's page is made from that belongs to the viewer, and with the live generation."""

    profile: int
    progress: int
    picks: int
    opinions: int
    generation: int | None


@dataclass(frozen=True, slots=True)
class ViewerRecord:
    """A viewer as pages need it, all of one moment.

    `progress` is (title, position ms, when ms), the latest first; `my_list` the last listed first.
    """

    profile_id: int
    kids: bool
    age_limit: int | None
    languages: tuple[str, ...]
    progress: tuple[tuple[int, int, int], ...]
    picks: tuple[int, ...]
    my_list: tuple[int, ...]
    liked: tuple[int, ...]
    disliked: tuple[int, ...]
    hidden: tuple[int, ...]
    generation: int | None
    made_ms: int
    recommended: tuple[int, ...]
    stamp: Stamp


STAND = """
    select (select coalesce(bit_xor(hash_record_extended(row(id, updated_at, state_of(t), release_of(t)), 0)), 0)
            from titles t),
           (select coalesce(bit_xor(hash_record_extended(c, 0)), 0) from chart_entries c),
           (select coalesce(bit_xor(hash_record_extended(e, 0)), 0) from experiments e),
           (select coalesce(bit_xor(hash_record_extended(row(id, version), 0)), 0) from series)
"""
OFFERED = """
    select t.id, release_of(t), t.slug, t.kind, t.year, t.original_language, t.maturity_rating, t.series,
           t.season, t.number,
           (select jsonb_object_agg(x.language, x.name) from title_texts x where x.title_id = t.id),
           array(select g.genre from title_genres g where g.title_id = t.id order by g.position),
           (t.marks #>> array[coalesce(r.source, ''), 'credits_start_s'])::float8, t.marks ? coalesce(r.source, ''),
           w.territories, w.starts, w.ends, (select min(p.at) from publications p where p.title_id = t.id),
           t.artwork
    from titles t
    join releases r on r.id = release_of(t)
    join lateral (select array_agg(a.territory) as territories, array_agg(greatest(a.start, t.shown_from)) as starts,
                         array_agg(a."end") as ends
                  from availability_windows a where a.title_id = t.id) w on w.starts is not null
    where state_of(t) = 'published' and release_of(t) is not null and t.kind <> 'trailer'
      and (%(ids)s::bigint[] is null or t.id = any(%(ids)s::bigint[]))
"""
VERSIONS = "select id, hash_record_extended(row(updated_at, state_of(t), release_of(t)), 0) from titles t"
PROGRAMMES = """
    select id, (outline->>'duration_s')::float8, (outline#>>'{marks,credits_start_s}')::float8,
           jsonb_path_query_array(document, '$.files[*].path ? (@ starts with "art/")')
    from releases where id = any(%(ids)s) and document is not null
"""
CHARTS = "select territory, chart, title_id from chart_entries order by rank"
TESTS = "select name, salt, arms from experiments where active and ended_at is null order by started_at, name"
PLACES = "from progress x where x.account_id = p.account_id and x.profile_id = p.id"
PICKS = "from profile_picks x where x.account_id = p.account_id and x.profile_id = p.id"
SAID = "from title_opinions x where x.account_id = p.account_id and x.profile_id = p.id"
STAMPED = f"""
    hash_record_extended(p, 0),
    coalesce((select bit_xor(hash_record_extended(x, 0)) {PLACES}), 0),
    coalesce((select bit_xor(hash_record_extended(x, 0)) {PICKS}), 0),
    coalesce((select bit_xor(hash_record_extended(x, 0)) {SAID}), 0),
    g.id
    from unnest($1::bigint[], $2::bigint[]) k (account_id, id)
    join profiles p on p.account_id = k.account_id and p.id = k.id left join generations g on g.live
"""  # noqa: S608 (constants)
STAMPS = f"select p.account_id, p.id, {STAMPED}"
VIEWERS = f"""
    select p.account_id, p.id, p.kids, p.age_limit, p.languages,
           array(select array[x.title_id, x.position_ms, (extract(epoch from x.updated_at) * 1000)::bigint]
                 {PLACES} order by x.updated_at desc, x.title_id),
           array(select x.title_id {PICKS} order by x.title_id),
           array(select x.title_id {SAID} and x.listed_at is not null order by x.listed_at desc, x.title_id),
           array(select x.title_id {SAID} and x.thumb = 'up' order by x.updated_at desc, x.title_id),
           array(select x.title_id {SAID} and x.thumb = 'down' order by x.title_id),
           array(select x.title_id {SAID} and x.hidden order by x.title_id),
           (extract(epoch from g.created_at) * 1000)::bigint, r.title_ids,
           {STAMPED} left join recommendations r on r.generation_id = g.id and r.profile_id = p.id
"""  # noqa: S608 (constants)
SIMILAR = """
    select title_id, title_ids from similar_titles where generation_id = $1::bigint and title_id = any($2::bigint[])
"""


def stand(connection: Connection) -> tuple[int, ...]:
    """Changes with any title's state, release or text, any chart, any experiment and any series."""
    return tuple(fetched(connection, STAND)[0])


def versions(connection: Connection) -> dict[int, int]:
    """By title, a number that changes with its state, release or text."""
    return {row[0]: row[1] for row in fetched(connection, VERSIONS)}


def offered(connection: Connection, title_ids: Sequence[int] | None = None) -> list[Offered]:
    """All published titles with a window anywhere, open or not, or those of the given ids; in no order, no trailers."""
    found = fetched(connection, OFFERED, ids=None if title_ids is None else list(title_ids))
    return [_offered(row) for row in found]


def newest_first(titles: Iterable[Offered]) -> list[Offered]:
    """By their first publication; those that know of none last."""
    return sorted(titles, key=lambda t: (t.since is not None, t.since or EPOCH, t.title_id), reverse=True)


def _offered(row: Sequence[Any]) -> Offered:
    fields: tuple[Any, ...] = (*row[:11], tuple(row[11]), row[12], row[13], _windows(*row[14:17]), *row[17:])
    return Offered(*fields)


def _windows(
    territories: list[str], starts: list[datetime | None], ends: list[datetime | None]
) -> dict[str, tuple[Window, ...]]:
    windows: dict[str, tuple[Window, ...]] = {}
    for territory, start, end in zip(territories, starts, ends, strict=True):
        windows[territory] = (*windows.get(territory, ()), (start, end))
    return windows


def programmes(connection: Connection, release_ids: Sequence[int]) -> dict[int, Programme]:
    """By release, of those that are packaged; a published release never changes."""
    found = fetched(connection, PROGRAMMES, ids=list(release_ids))
    return {row[0]: Programme(row[1], row[2], tuple(row[3])) for row in found}


def charts(connection: Connection) -> dict[str, dict[Chart, list[int]]]:
    """The charts of each territory, "*" being the world."""
    ranked: dict[str, dict[Chart, list[int]]] = {}
    for territory, chart, title_id in fetched(connection, CHARTS):
        ranked.setdefault(territory, {}).setdefault(Chart(chart), []).append(title_id)
    return ranked


def active_tests(connection: Connection) -> list[Test]:
    """The experiments that run, the oldest first."""
    return [Test(*row) for row in fetched(connection, TESTS)]


Viewer = tuple[int, int]  # account, profile


async def stamps(ask: Ask, viewers: Sequence[Viewer]) -> dict[Viewer, Stamp]:
    """The stamps of those that exist."""
    found = await ask(STAMPS, *_columns(viewers))
    return {(row[0], row[1]): Stamp(*row[2:]) for row in found}


async def viewer_records(ask: Ask, viewers: Sequence[Viewer]) -> dict[Viewer, ViewerRecord]:
    """Those that exist, with what the live generation recommends. One statement, so it is all of one moment."""
    found = await ask(VIEWERS, *_columns(viewers))
    return {(row[0], row[1]): _record(row) for row in found}


def _columns(viewers: Sequence[Viewer]) -> tuple[list[int], list[int]]:
    return [account_id for account_id, _ in viewers], [profile_id for _, profile_id in viewers]


def _record(row: Any) -> ViewerRecord:
    stamp = Stamp(*row[13:])
    return ViewerRecord(
        profile_id=row[1],
        kids=row[2],
        age_limit=row[3],
        languages=tuple(row[4]),
        progress=tuple(map(tuple, row[5])),
        picks=tuple(row[6]),
        my_list=tuple(row[7]),
        liked=tuple(row[8]),
        disliked=tuple(row[9]),
        hidden=tuple(row[10]),
        generation=stamp.generation,
        made_ms=row[11] or 0,
        recommended=tuple(row[12] or ()),
        stamp=stamp,
    )


async def similar(ask: Ask, generation: int, title_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The titles most like each, best first, as that generation has them."""
    found = await ask(SIMILAR, generation, list(title_ids))
    return {row[0]: tuple(row[1]) for row in found}


def fetched(connection: Connection, statement: str, **values: object) -> Sequence[Any]:
    """By the driver itself, with binary values: long arrays of ids cost a third of what they cost as text."""
    driver: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    try:
        with driver.cursor(binary=True) as cursor:
            return cursor.execute(statement, values).fetchall()
    except psycopg.OperationalError as error:
        connection.invalidate()
        raise OperationalError(statement, values, error) from error
