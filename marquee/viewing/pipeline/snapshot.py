"""Writes the catalogue's titles, profiles, opinions, books and searches without an answer into the lake, as they stand
now.
"""

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from marquee.catalogue import search
from marquee.catalogue.database import begin
from marquee.catalogue.models import ProfilePick, ProfileRow, ReleaseRow, Title, TitleOpinion, now
from marquee.contracts.lake import OPINIONS, PROFILES, SEARCH_MISSES, TITLES, Table
from marquee.contracts.title import Kind
from marquee.logs import log
from marquee.viewing import lake
from marquee.viewing.pipeline import books, table_files
from marquee.viewing.pipeline.table_files import SOURCE

MISSES_DAYS = 28  # of searches without an answer, today included


def snapshot() -> dict[str, int]:
    """Write what the lake holds of the catalogue; how many rows of each table. Safe to run at any time."""
    with begin() as session:
        titles, profiles, paid = _titles(session), _profiles(session), books.write(session)
        opinions, misses = _write_opinions(session), _write_misses(session)
    lake.write(TITLES, "snapshot.parquet", titles, source=SOURCE)
    lake.write(PROFILES, "snapshot.parquet", profiles, source=SOURCE)
    counts = {TITLES.name: len(titles), PROFILES.name: len(profiles), OPINIONS.name: opinions, **paid}
    counts[SEARCH_MISSES.name] = misses
    log.info("snapshot", **counts)
    return counts


def _titles(session: Session) -> list[dict[str, object]]:
    """Titles that were published at some time, with the running time of the release that is shown; no trailers."""
    durations = ReleaseRow.document["duration_s"].as_float()
    statement: Select[Title, float, datetime | None] = (
        select(Title, durations, ReleaseRow.published_at)
        .join(ReleaseRow, ReleaseRow.id == Title.current_release_id)
        .where(Title.kind != Kind.TRAILER)
        .options(selectinload(Title.credits))
        .order_by(Title.id)
    )
    return [_title(title, seconds, published) for title, seconds, published in session.execute(statement).unique()]


def _title(title: Title, seconds: float, published: datetime | None) -> dict[str, object]:
    return {
        "title_id": title.id,
        "slug": title.slug,
        "name": title.text().name,
        "kind": title.kind,
        "language": title.original_language,
        "year": title.year,
        "maturity_rating": title.maturity_rating,
        "genres": [g.genre for g in title.genres],
        "people": [c.person.name for c in title.credits],
        "countries": title.countries,
        "series": title.series,
        "duration_ms": round(seconds * 1000),
        "published_ms": _ms(published),
        "available_until_ms": _until(title),
        "origin": SOURCE,
    }


def _until(title: Title) -> int | None:
    """The latest end of its windows; None when one has no end."""
    ends = [window.end for window in title.windows]
    return None if None in ends else max((_ms(end) or 0 for end in ends), default=None)


def _profiles(session: Session) -> list[dict[str, object]]:
    picks: dict[int, list[int]] = {}
    for pick in session.scalars(select(ProfilePick).order_by(ProfilePick.profile_id, ProfilePick.title_id)):
        picks.setdefault(pick.profile_id, []).append(pick.title_id)
    liked = select(TitleOpinion.profile_id, TitleOpinion.title_id).where(TitleOpinion.thumb == "up")
    for profile_id, title_id in session.execute(liked.order_by(TitleOpinion.profile_id, TitleOpinion.title_id)):
        if title_id not in picks.setdefault(profile_id, []):
            picks[profile_id].append(title_id)
    return [
        {
            "profile_id": row.id,
            "origin": row.origin,
            "languages": row.languages,
            "kids": row.kids,
            "device": row.device or "unknown",
            "country": row.country or "ZZ",
            "traits": row.traits,
            "picks": picks.get(row.id, []),
            "created_ms": _ms(row.created_at),
        }
        # simulated and imported ones are in the lake already, from where they were made
        for row in session.scalars(
            select(ProfileRow).where(ProfileRow.origin.in_(["demo", "account"])).order_by(ProfileRow.id)
        )
    ]


def _write_opinions(session: Session) -> int:
    """Thumbs and hidden titles of everybody, simulated viewers too: somebody may be signed in as one."""
    said, of = TitleOpinion, ProfileRow
    columns = said.profile_id, said.title_id, of.origin, said.thumb, said.hidden
    owner = and_(of.account_id == said.account_id, of.id == said.profile_id)
    query = select(*columns, table_files.ms(said.updated_at, "at_ms")).join(of, owner)
    query = query.where(or_(said.thumb.is_not(None), said.hidden)).order_by(said.profile_id, said.title_id)
    return _put(session, OPINIONS, query)


def _write_misses(session: Session) -> int:
    """Those of the last days that several people made."""
    found = search.told_misses(now().date() - timedelta(days=MISSES_DAYS - 1)).subquery()
    own = [column for column in found.c if column.name != "day"]
    query = select(table_files.ms(found.c.day, "day_ms"), *own).order_by(found.c.day, *own)
    return _put(session, SEARCH_MISSES, query)


def _put(session: Session, table: Table, query: Select[Any]) -> int:
    with TemporaryDirectory(prefix=f"marquee-{table.name}-") as folder:
        made = table_files.make(session, Path(folder), table, query)
        lake.store().put(made.key, made.file)
    return made.rows


def _ms(moment: datetime | None) -> int | None:
    return round(moment.timestamp() * 1000) if moment else None
