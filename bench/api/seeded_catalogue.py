"""Fills a catalogue with viewers, titles, positions, recommendations and charts, as the nightly run leaves them."""

import random
from collections.abc import Iterator
from typing import Any

from sqlalchemy import insert, text

from marquee.catalogue import titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import (
    AccountRow,
    ChartEntry,
    Generation,
    ProfilePick,
    ProfileRow,
    Progress,
    Publication,
    Recommendation,
    ReleaseRow,
    ReleaseState,
    SimilarTitles,
    TitleState,
    now,
)
from marquee.contracts.ids import new_id
from marquee.contracts.plan import DrmScheme
from marquee.contracts.release import Release, ReleaseFile
from marquee.contracts.rows import Chart
from marquee.contracts.title import Marks, TitleMetadata

GENRES = ("drama", "comedy", "crime", "western", "horror", "documentary", "animation")
FILES = 200  # of a release
COLD = 5  # every fifth profile is new: the generation does not know it


def seed_catalogue(*, title_count: int, profile_count: int, seed: int = 1) -> list[int]:
    """Fill the catalogue; returns the ids of the profiles, each in an account of one that has the same id.

    Every fifth is a cold one, with picks or with nothing.
    """
    chance = random.Random(seed)
    title_ids = seed_titles(title_count, chance)
    profile_ids = [new_id() for _ in range(profile_count)]
    with begin() as session:
        session.execute(insert(AccountRow), [{"id": p, "origin": "simulated"} for p in profile_ids])
        row = {"languages": ["en"], "origin": "simulated"}
        rows = [{"account_id": p, "id": p, "name": f"Viewer {p}", **row} for p in profile_ids]
        session.execute(insert(ProfileRow), rows)
        session.execute(insert(Progress), list(_progress(profile_ids, title_ids, chance)))
        picks = [
            {"account_id": p, "profile_id": p, "title_id": t}
            for p in profile_ids[:: COLD * 2]
            for t in chance.sample(title_ids, 4)
        ]
        session.execute(insert(ProfilePick), picks)
        charts = [
            {"chart": chart, "territory": "*", "rank": rank, "title_id": title_id, "value": 1.0 / rank}
            for chart in Chart
            for rank, title_id in enumerate(chance.sample(title_ids, min(50, title_count)), start=1)
        ]
        session.execute(insert(ChartEntry), charts)
    publish(profile_ids, title_ids, chance)
    return profile_ids


def seed_titles(count: int, chance: random.Random | None = None) -> list[int]:
    """Publish so many titles; their ids."""
    by = chance or random.Random(1)
    return [_title(n, by) for n in range(count)]


def publish(profile_ids: list[int], title_ids: list[int], chance: random.Random) -> None:
    """A live generation that knows four fifths of the profiles."""
    most = min(100, len(title_ids))
    with begin() as session:
        made = Generation(model="bench 1", audience="all", live=False, switched_at=now())
        session.add(made)
        session.flush()
        session.execute(text("create schema if not exists published"))
        for table in ("recommendations", "similar_titles"):
            part = f"published.{table}_{made.id} partition of {table} for values in ({made.id})"
            session.execute(text(f"create table {part}"))
        known = [p for n, p in enumerate(profile_ids) if n % COLD]
        rows = [{"generation_id": made.id, "profile_id": p, "title_ids": chance.sample(title_ids, most)} for p in known]
        session.execute(insert(Recommendation), rows)
        near = [
            {"generation_id": made.id, "title_id": t, "title_ids": chance.sample(title_ids, most // 2)}
            for t in title_ids
        ]
        session.execute(insert(SimilarTitles), near)
        session.execute(text("update generations set live = (id = :id)"), {"id": made.id})
    with begin() as session:
        session.execute(text("analyze"))


def _title(n: int, chance: random.Random) -> int:
    metadata = {
        "slug": f"title-{n}",
        "media": "film.mp4",
        "year": 1950 + n % 75,
        "texts": {"en": {"title": f"The Title of Number {n}"}, "de": {"title": f"Der Titel Nummer {n}"}},
        "genres": chance.sample(GENRES, 3),
    }
    with begin() as session:
        title = titles.upsert(session, TitleMetadata.model_validate(metadata), f"fingerprint {n}")
        row = ReleaseRow(title_id=title.id, plan="bench", fingerprint=title.fingerprint, state=ReleaseState.PUBLISHED)
        session.add(row)
        session.flush()
        row.document, row.published_at = _document(row.id, title.id, title.slug), now()
        title.current_release_id, title.state = row.id, TitleState.PUBLISHED
        session.add(Publication(title_id=title.id, release_id=row.id, action="publish", actor="bench"))
        return title.id


def _document(release_id: int, title_id: int, slug: str) -> dict[str, Any]:
    paths = ["art/poster.jpg", "art/backdrop.jpg", *(f"video/h264-1080p/{n}.m4s" for n in range(FILES))]
    release = Release(
        release_id=release_id,
        title_id=title_id,
        slug=slug,
        plan="0" * 16,
        profile="bench",
        scheme=DrmScheme.NONE,
        created_at=now(),
        duration_s=5400,
        segment_s=4,
        video=[],
        audio=[],
        text=[],
        marks=Marks(credits_start_s=5100),
        files=[ReleaseFile(path=path, sha256="0" * 64, size=1) for path in paths],
    )
    return release.model_dump(mode="json")


def _progress(profile_ids: list[int], title_ids: list[int], chance: random.Random) -> Iterator[dict[str, int]]:
    for n, profile_id in enumerate(profile_ids):
        if n % COLD:
            for title_id in chance.sample(title_ids, chance.randint(1, min(30, len(title_ids)))):
                owner = {"account_id": profile_id, "profile_id": profile_id}
                yield owner | {"title_id": title_id, "position_ms": chance.randrange(5_400_000)}
