"""How often the title that was meant is found, and how far up; beside PostgreSQL's ILIKE and plain full text."""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Any
from zlib import crc32

import httpx
from sqlalchemy import text

from bench.api.server import Server
from bench.figures import Figure
from bench.search.queries import TYPOS, Wanted, made
from marquee.catalogue.database import begin

START_S = 300  # in which an index has to be made
TOP = 10
INDEXED = "create index on title_texts using gin (to_tsvector('simple', name))"  # for full text, as people have it
Search = Callable[[str], list[int]]
SHOWN = """
    t.state = 'published' and exists (select from availability_windows w where w.title_id = t.id and w.territory = '*'
    and coalesce(w.start, now()) <= now() and coalesce(w."end", 'infinity') > now())
"""
ILIKE = f"""
    select distinct t.id from titles t join title_texts x on x.title_id = t.id
    where x.name ilike '%' || :query || '%' and {SHOWN} order by t.id desc limit {TOP}
"""  # noqa: S608 (constants)
FULL_TEXT = f"""
    select t.id from titles t join title_texts x on x.title_id = t.id
    where to_tsvector('simple', x.name) @@ plainto_tsquery('simple', :query) and {SHOWN}
    group by t.id
    order by max(ts_rank(to_tsvector('simple', x.name), plainto_tsquery('simple', :query))) desc, t.id desc
    limit {TOP}
"""  # noqa: S608 (constants)
WANTED = f"""
    select t.id, x.language, x.name, p.name from titles t join title_texts x on x.title_id = t.id
    left join title_credits c on c.title_id = t.id and c.position = 1 left join people p on p.id = c.person_id
    where t.origin = 'simulated' and t.slug like 'simulated-%' and {SHOWN}
    and (select count(*) from title_texts y where y.name = x.name) = 1
    order by hashint8extended(t.id, :seed), x.language limit :most
"""  # noqa: S608 (constants)


def measure(
    server: Server, arguments: argparse.Namespace, _: int, names: Sequence[tuple[int, str]]
) -> tuple[list[Figure], dict[str, Any]]:
    """The figures, and a table of every kind of query and participant."""
    with begin() as session:
        session.execute(text(INDEXED))
        session.execute(text("analyze title_texts"))
    by = Random(arguments.seed)
    asked = _queries([*_simulated(arguments.seed, arguments.each), *_films(names, by)], by, arguments.each)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=60) as client:
        _wait(client)
        table = {
            name: {kind: _score(search, pairs) for kind, pairs in asked.items()}
            for name, search in {
                "marquee": _marquee(client),
                "ilike": _sql(ILIKE),
                "full text": _sql(FULL_TEXT),
            }.items()
        }
    count = sum(map(len, asked.values()))
    print(f"{count} queries; success@1, success@10, MRR, share without a result")
    for kind, pairs in asked.items():
        cells = "  ".join(f"{name}: {' '.join(f'{v:.3f}' for v in row[kind])}" for name, row in table.items())
        print(f"{kind:16} {len(pairs):4}  {cells}")
    figures = [Figure("search.queries", count, "queries")]
    for name, rows in table.items():
        one = _mean([rows[kind] for kind in TYPOS])
        figures += [
            Figure(f"search.{name.replace(' ', '_')}_{label}", value, "share")
            for label, value in (
                ("as_written_success_at_10", rows["as written"][1]),
                ("one_typo_success_at_1", one[0]),
                ("one_typo_success_at_10", one[1]),
                ("one_typo_mrr", one[2]),
                ("two_typos_success_at_10", rows["two typos"][1]),
                ("zero_result", _mean(list(rows.values()))[3]),
            )
        ]
    return figures, {"table": table}


def _queries(wanted: Iterable[Wanted], by: Random, each: int) -> dict[str, list[tuple[str, int]]]:
    """By kind, at most twice `each` pairs of a query and the title that is meant.

    A typo that makes another title's name of it is none.
    """
    with begin() as session:
        taken = set(session.scalars(text("select lower(name) from title_texts")))
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for one in wanted:
        for kind, query in made(one, by).items():
            other = kind != "as written" and query is not None and query.lower() in taken
            if query and not other and len(found[kind]) < 2 * each:
                found[kind].append((query, one.title_id))
    return dict(found)


def _simulated(seed: int, each: int) -> list[Wanted]:
    with begin() as session:
        rows = session.execute(text(WANTED), {"seed": seed, "most": 12 * each}).all()
    one_each = {row[0]: row for row in sorted(rows, key=lambda row: crc32(f"{row[0]} {row[1]}".encode()))}
    return [Wanted(row[0], row[2], row[3] or "") for row in list(one_each.values())[: 2 * each]]


def _films(names: Sequence[tuple[int, str]], by: Random) -> list[Wanted]:
    """Films whose name is no other's."""
    alone = {name: title_id for title_id, name in names}
    ambiguous = {name for title_id, name in names if alone[name] != title_id}
    kept = [(title_id, name) for name, title_id in alone.items() if name not in ambiguous]
    return [Wanted(title_id, name) for title_id, name in by.sample(kept, min(len(kept), 400))]


def _score(search: Search, pairs: Sequence[tuple[str, int]]) -> tuple[float, float, float, float]:
    found = [(search(query), title_id) for query, title_id in pairs]
    ranks = [titles.index(title_id) + 1 if title_id in titles else 0 for titles, title_id in found]
    n = len(ranks) or 1
    empty = sum(not titles for titles, _ in found)
    return (ranks.count(1) / n, sum(map(bool, ranks)) / n, sum(1 / r for r in ranks if r) / n, empty / n)


def _mean(rows: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))


def _marquee(client: httpx.Client) -> Search:
    def search(query: str) -> list[int]:
        answer = client.get("/v1/search", params={"query": query, "limit": TOP}).raise_for_status().json()
        return [int(item["title_id"]) for item in answer["items"]]

    return search


def _sql(statement: str) -> Search:
    def search(query: str) -> list[int]:
        with begin() as session:
            return list(session.scalars(text(statement), {"query": query}))

    return search


def _wait(client: httpx.Client) -> None:
    """Until the index is made."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if client.get("/v1/search", params={"query": "a"}).raise_for_status().json()["indexed"]:
            return
        time.sleep(0.1)
    raise RuntimeError("no index")
