"""Puts a simulated catalogue into the database, by COPY. Its titles have no films: they can be found, not played."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import text

from marquee.catalogue.database import begin
from marquee.catalogue.models import ReleaseState, TitleState, now
from marquee.contracts.errors import Conflict
from marquee.contracts.ids import new_id
from marquee.contracts.plan import DrmScheme
from marquee.contracts.title import Marks
from marquee.logs import log
from marquee.settings import Profile, settings
from marquee.viewing.simulation.catalogue.rows import SimulatedTitle, source, titles

ORIGIN = "simulated"
Row = tuple[Any, ...]
COLUMNS = {
    "titles": "id, slug, kind, original_language, year, maturity_rating, countries, series, season, number, state,"
    " fingerprint, created_at, updated_at, origin",
    "releases": "id, title_id, plan, fingerprint, state, document, created_at, published_at",
    "title_texts": "title_id, language, name, synopsis",
    "title_genres": "title_id, genre, position",
    "availability_windows": 'id, title_id, territory, start, "end"',
    "publications": "id, title_id, release_id, action, actor, at",
}


def simulate_catalogue(count: int, seed: int = 1) -> int:
    """Make a catalogue of so many titles in place of an earlier one of the same seed; returns how many it has.

    Raises Conflict in a production installation, whose viewers would find titles that do not play.
    """
    if settings().profile is Profile.PRODUCTION:
        raise Conflict("this installation is for real viewers", where="MARQUEE_PROFILE", expected="not production")
    made = list(titles(count, seed, now()))
    with begin() as session:
        old = "delete from titles where origin = :origin and slug like :source"
        session.execute(text(old), {"origin": ORIGIN, "source": f"{source(seed)}-%"})
    fill(made)
    with begin() as session:
        session.execute(text("analyze"))
    log.info("catalogue simulated", titles=len(made), seed=seed)
    return len(made)


def fill(made: list[SimulatedTitle]) -> None:
    """Add titles to the catalogue."""
    with begin() as session:
        driver: psycopg.Connection = session.connection().connection.driver_connection  # type: ignore[assignment]
        with driver.cursor() as cursor:
            for table, rows in _tables(made, now()).items():
                _copy(cursor, table, COLUMNS[table], rows)
            _credit(cursor, made)
            cursor.execute(
                "update titles t set current_release_id = r.id from releases r"
                " where r.title_id = t.id and t.origin = %s and t.state <> %s and t.current_release_id is null",
                (ORIGIN, TitleState.PROCESSING),
            )


def _tables(made: list[SimulatedTitle], moment: datetime) -> dict[str, Iterable[Row]]:
    return {
        "titles": (_title(each, moment) for each in made),
        "releases": map(_release, made),
        "title_texts": (
            (each.id, language, name, each.words.synopses[language])
            for each in made
            for language, name in each.words.names.items()
        ),
        "title_genres": ((each.id, genre, n) for each in made for n, genre in enumerate(each.genres)),
        "availability_windows": ((new_id(), each.id, *window) for each in made for window in each.windows),
        "publications": ((new_id(), each.id, each.release_id, "publish", ORIGIN, each.at) for each in made),
    }


def _title(each: SimulatedTitle, moment: datetime) -> Row:
    head = each.id, each.slug, each.kind, each.language, each.year, each.rating, "[]"
    return *head, each.series, each.season, each.number, each.state, ORIGIN, each.at, moment, ORIGIN


def _release(each: SimulatedTitle) -> Row:
    document = {
        "release_id": str(each.release_id),
        "title_id": str(each.id),
        "slug": each.slug,
        "plan": "0" * 16,
        "profile": ORIGIN,
        "scheme": DrmScheme.NONE,
        "created_at": each.at.isoformat(),
        "duration_s": each.duration_s,
        "segment_s": 4,
        "video": [],
        "audio": [],
        "text": [],
        "marks": Marks(credits_start_s=0.95 * each.duration_s).model_dump(mode="json"),
        "files": [],
    }
    head = each.release_id, each.id, ORIGIN, ORIGIN, ReleaseState.PUBLISHED
    return *head, json.dumps(document), each.at, each.at


def _credit(cursor: "psycopg.Cursor[Row]", made: list[SimulatedTitle]) -> None:
    """People are known by their names: those that are there already are taken."""
    cursor.execute(
        "create temporary table simulated_credits"
        " (title_id bigint, position bigint, name text, role text, character text) on commit drop"
    )
    lines = ((each.id, n, *credit) for each in made for n, credit in enumerate(each.credits))
    _copy(cursor, "simulated_credits", "title_id, position, name, role, character", lines)
    names = sorted({name for each in made for name, _, _ in each.credits})
    cursor.execute("create temporary table simulated_people (id bigint, name text) on commit drop")
    _copy(cursor, "simulated_people", "id, name", ((new_id(), name) for name in names))
    cursor.execute("insert into people (id, name) select id, name from simulated_people on conflict (name) do nothing")
    cursor.execute(
        "insert into title_credits (title_id, position, person_id, role, character)"
        " select c.title_id, c.position, p.id, c.role, c.character"
        " from simulated_credits c join people p on p.name = c.name"
    )


def _copy(cursor: "psycopg.Cursor[Row]", table: str, columns: str, rows: Iterable[Row] | Iterator[Row]) -> None:
    with cursor.copy(f"copy {table} ({columns}) from stdin".encode()) as copy:
        for row in rows:
            copy.write_row(row)
