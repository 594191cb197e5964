"""Laws of the catalogue, on a real PostgreSQL."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select

from api.database import AsyncDatabase
from marquee.catalogue import playback_sessions, releases, titles
from marquee.catalogue.database import MIGRATIONS, begin
from marquee.catalogue.models import Person, Publication, Title, TitleState, now
from marquee.catalogue.rows import Ask
from marquee.contracts.entitlement import Viewpoint
from marquee.contracts.errors import Conflict, NotFound
from marquee.contracts.release import Release
from marquee.contracts.title import TitleMetadata
from marquee.members import streams, watching
from marquee.settings import settings
from tests.event_loop import in_loop
from tests.households import household

pytestmark = pytest.mark.usefixtures("catalogue")


def metadata(slug: str = "a-film", **changes: Any) -> TitleMetadata:
    body: dict[str, Any] = {"slug": slug, "media": "a.mp4", "texts": {"en": {"title": "A film"}}, "year": 2026}
    return TitleMetadata.model_validate(body | changes)


def packaged(title_id: int, plan: str) -> int:
    """A release that is complete but not yet shown."""
    with begin() as session:
        row = releases.open_release(session, title_id, plan, "f")
        row.document = Release(
            release_id=row.id,
            title_id=title_id,
            slug="a-film",
            plan=plan,
            profile="standard",
            scheme="none",  # type: ignore[arg-type]
            created_at=row.created_at,
            duration_s=1,
            segment_s=1,
            video=(),
            audio=(),
            text=(),
            marks={},  # type: ignore[arg-type]
            files=(),
        ).model_dump(mode="json")
        return row.id


@pytest.fixture
def title_id() -> int:
    with begin() as session:
        return titles.upsert(session, metadata(), "one").id


def shown(territory: str = "*") -> list[str]:
    with begin() as session:
        return [t.slug for t in session.scalars(select(Title).where(titles.shown(Viewpoint(territory)))).unique()]


def test_the_models_and_the_migrations_agree() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", settings().database().replace("%", "%%"))
    command.check(config)


def test_the_same_delivery_leaves_a_title_untouched_and_another_replaces_its_details(title_id: int) -> None:
    with begin() as session:
        before = titles.get(session, title_id).updated_at
    with begin() as session:
        assert titles.upsert(session, metadata(year=1999), "one").updated_at == before
    with begin() as session:
        changed = titles.upsert(
            session, metadata(year=1999, genres=["noir"], credits=[{"name": "N", "role": "actor"}]), "two"
        )
        assert (changed.id, changed.year, [g.genre for g in changed.genres]) == (title_id, 1999, ["noir"])


def test_only_complete_releases_are_shown_and_the_pointer_moves_atomically(title_id: int) -> None:
    with begin() as session:
        building = releases.open_release(session, title_id, "p0", "f").id
    with pytest.raises(Conflict), begin() as session:
        releases.point(session, building, action="publish", actor="t")
    assert shown() == []
    first, second = packaged(title_id, "p1"), packaged(title_id, "p2")
    for release_id in (first, second):
        with begin() as session:
            assert releases.point(session, release_id, action="publish", actor="t")
    with begin() as session:
        assert not releases.point(session, second, action="publish", actor="t")
        assert releases.previous(session, title_id).id == first
        assert len(session.scalars(select(Publication)).all()) == 2
    assert shown() == ["a-film"]


def test_a_title_that_plays_is_not_taken_away_by_its_next_version(title_id: int) -> None:
    release_id = packaged(title_id, "p1")
    with begin() as session:
        releases.point(session, release_id, action="publish", actor="t")
    with begin() as session:
        titles.set_state(session, title_id, TitleState.REJECTED, "the new version is silent")
    assert shown() == ["a-film"]
    with begin() as session:
        assert titles.get(session, title_id).state_reason == "the new version is silent"


@pytest.mark.parametrize(
    ("window", "territory", "seen"),
    [
        ({}, "*", True),
        ({"territories": ["DE"]}, "DE", True),
        ({"territories": ["DE"]}, "FR", False),
        ({"start": datetime.now(UTC) + timedelta(days=1)}, "*", False),
        ({"end": datetime.now(UTC) - timedelta(days=1)}, "*", False),
        ({"start": datetime.now(UTC) - timedelta(days=1), "end": datetime.now(UTC) + timedelta(days=1)}, "*", True),
    ],
)
def test_availability_decides_who_sees_a_title(window: dict[str, Any], territory: str, seen: bool) -> None:
    with begin() as session:
        made = titles.upsert(session, metadata(availability=[window]), "one").id
    with begin() as session:
        releases.point(session, packaged(made, "p1"), action="publish", actor="t")
    assert bool(shown(territory=territory)) is seen


def test_one_key_per_release_and_track_type_whoever_comes_first(title_id: int) -> None:
    release_id = packaged(title_id, "p1")

    def add(n: int) -> None:
        with begin() as session:
            releases.add_key(session, release_id, "SD", f"{n:032x}", bytes([n]))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))
    with begin() as session:
        assert len(releases.keys(session, release_id)) == 1


def test_there_is_one_session_per_idempotency_key(title_id: int) -> None:
    release_id, whose = packaged(title_id, "p1"), household()
    with begin() as session:
        releases.point(session, release_id, action="publish", actor="t")

    async def open_one(ask: Ask) -> tuple[int, bool]:
        wish = streams.Wish(title_id, "k", country="DE")
        title = await watching.offered(ask, title_id)
        admitted = await streams.admit(ask, whose.member, wish, title.offer)
        row = admitted.known or await streams.start(ask, whose.member, wish, release_id, admitted.limits)
        return row.id, admitted.known is None

    async def all_at_once(database: AsyncDatabase) -> list[tuple[int, bool]]:
        return await asyncio.gather(*(database.together(open_one) for _ in range(8)))

    opened = in_loop(all_at_once)
    assert len({session_id for session_id, _ in opened}) == 1
    assert sum(new for _, new in opened) == 1


def test_a_session_that_has_expired_is_over(title_id: int) -> None:
    with begin() as session:
        releases.point(session, packaged(title_id, "p1"), action="publish", actor="t")
    whose = household()
    with begin() as session:
        release_id = titles.get(session, title_id).current_release_id or 0
        opened = whose.member, whose.profile_id, title_id, release_id

    async def work(database: AsyncDatabase) -> None:
        lives, over = [
            await playback_sessions.open_session(database.ask, *opened, until=now() + timedelta(seconds=s), key=str(s))
            for s in (60, -1)
        ]
        assert (await playback_sessions.living(database.ask, lives.id)).row.id == lives.id
        with pytest.raises(NotFound):
            await playback_sessions.living(database.ask, over.id)

    in_loop(work)


def test_titles_that_come_at_once_may_have_the_same_people(catalogue: None) -> None:
    names = [f"Person {n}" for n in range(30)]

    def deliver(n: int) -> None:
        cast = [{"name": name, "role": "actor"} for name in (names if n % 2 else reversed(names))]
        sidecar = {
            "slug": f"film-{n}",
            "media": "f.mp4",
            "year": 2000,
            "texts": {"en": {"title": "F"}},
            "credits": cast,
        }
        with begin() as session:
            titles.upsert(session, TitleMetadata.model_validate(sidecar), f"{n}")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(deliver, range(6)))
    with begin() as session:
        assert sorted(session.scalars(select(Person.name))) == sorted(names)
