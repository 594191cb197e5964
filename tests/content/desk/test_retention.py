"""Laws of retention: what the rules let go goes, what plays and what they keep stays."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from marquee.catalogue import playback_sessions, releases, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import DeliveryRow, Publication, ReleaseRow, now
from marquee.content.desk import retention
from marquee.content.pipeline.stores import mezzanine, origins, work
from marquee.contracts.errors import NotFound
from marquee.settings import settings
from tests.content.desk.conftest import Deliver
from tests.event_loop import in_loop
from tests.households import household

VERSIONS = 5  # deliveries of one title, each of a film of its own


@pytest.fixture
def made(deliver: Deliver, purged: list[str], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The releases of a title, the oldest first; the last one is shown, all but it are a year old."""
    monkeypatch.setenv("MARQUEE_RETENTION_RELEASES", "2")
    settings.cache_clear()
    for n in range(VERSIONS):
        deliver(source=f"{n}" * 64, plan=f"plan-{n}", year=2000 + n)
    with begin() as session:
        rows = session.scalars(select(ReleaseRow).order_by(ReleaseRow.id)).all()
        for n, row in enumerate(rows[:-1]):
            row.published_at = now() - timedelta(days=365 - n)
        for publication in session.scalars(select(Publication)):
            publication.at = now() - timedelta(days=365)
        for n, delivery in enumerate(session.scalars(select(DeliveryRow).order_by(DeliveryRow.id))):
            delivery.received_at = now() - timedelta(days=365 - n)
        return [row.id for row in rows]


def test_what_the_rules_let_go_goes_once_and_no_more(made: list[int], purged: list[str]) -> None:
    everything = held()
    found = retention.find()
    assert found.releases == tuple(made[:2])
    assert found.plans == tuple(f"plan-{n}" for n in range(VERSIONS - 1))
    assert found.sources == ()  # not yet: their releases are still there
    assert held() == everything
    assert retention.collect(found) == found
    assert {path.split("/")[4] for path in purged} == set(map(str, made[:2]))
    then = retention.find()
    assert (then.releases, then.plans) == ((), ())
    assert then.sources == tuple(f"{n * 64}/film.mp4" for n in "01")
    retention.collect(then)
    assert retention.find() == retention.Found(releases=(), plans=(), sources=())
    assert {key.split("/")[0][0] for key in mezzanine().keys()} == set("234")  # noqa: SIM118 (a store's)
    for store in origins().values():
        assert {key.split("/")[1] for key in store.keys()} == set(map(str, made[2:]))  # noqa: SIM118
    with begin() as session:
        assert len(session.scalars(select(Publication)).all()) == VERSIONS  # the history stays
        assert releases.previous(session, titles.of_slug(session, "the-lantern").id).id in made[2:4]


def test_what_somebody_plays_stays(made: list[int]) -> None:
    whose = household()
    with begin() as session:
        title = titles.of_slug(session, "the-lantern")
        until = now() + timedelta(hours=1)
        opened = whose.member, whose.profile_id, title.id, made[0]
    row = in_loop(lambda database: playback_sessions.open_session(database.ask, *opened, until=until, key="k"))
    found = retention.find()
    assert found.releases == (made[1],)
    with_it = found.model_copy(update={"releases": (made[0], made[1], made[-1])})  # as if it had been found before
    assert retention.collect(with_it).releases == (made[1],)
    in_loop(lambda database: playback_sessions.end_session(database.ask, row.id))
    assert retention.find().releases == (made[0],)


def test_what_was_collected_is_made_anew_by_the_same_delivery(made: list[int]) -> None:
    retention.collect(retention.find())
    with begin() as session:
        old = releases.get(session, made[0])
        assert (old.state, old.document) == ("withdrawn", None)
        again = releases.open_release(session, old.title_id, old.plan, old.fingerprint, old.source)
        session.refresh(again)
        assert (again.id, again.state, again.published_at) == (made[0], "building", None)
    with pytest.raises(NotFound), begin() as session:
        titles.release_for_viewers(session, made[1])


def held() -> list[str]:
    return [key for store in (mezzanine(), work(), *origins().values()) for key in store.keys()]  # noqa: SIM118
