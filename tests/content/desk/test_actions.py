"""Laws of withdrawal, schedules and deletion: data that readers compare with now, and bytes that go in the end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from marquee.catalogue import releases, title_versions, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import DeliveryRow, ReleaseRow, Title, TitleState, TitleVersion, now
from marquee.content.desk import actions, deletion, upkeep
from marquee.content.pipeline import ingest
from marquee.content.pipeline.stores import mezzanine, origins, work
from marquee.contracts.entitlement import Refusal
from marquee.contracts.errors import Conflict, InvalidInput, NotFound, Outdated, Unavailable
from marquee.contracts.title import TitleMetadata
from marquee.members import entitlement
from marquee.storage import Store
from tests.content.desk.conftest import SIDECAR, Deliver

AN_HOUR = timedelta(hours=1)


def state(title_id: int) -> str:
    with begin() as session:
        return titles.get(session, title_id).state


def seen(title_id: int, at: datetime | None = None) -> bool:
    """Whether viewers see it, as the queries and as the decision on one title say, which agree."""
    with begin() as session:
        listed = session.scalar(select(Title.id).where(titles.shown(at=at), Title.id == title_id))
        title = titles.get(session, title_id)
        refused = entitlement.refusal(titles.offer(title), titles.EVERYBODY, at or now())
    assert (listed is not None) is (refused is None)
    return refused is None


def bytes_of(title_id: int) -> list[str]:
    return [key for store in origins().values() for key in store.keys(str(title_id))]


def test_a_withdrawn_title_comes_back_by_a_person_alone(deliver: Deliver) -> None:
    title_id = deliver()
    actions.withdraw(title_id, reason="rights", actor="ada")
    assert not seen(title_id)
    assert not actions.withdraw(title_id, actor="ada").changed
    deliver(plan="plan-b", year=2001)  # delivered, encoded and published anew
    with begin() as session:
        titles.set_state(session, title_id, TitleState.PROCESSING)
        releases.point(session, releases.previous(session, title_id).id, action="rollback", actor="test")
    assert state(title_id) == "withdrawn"
    actions.restore(title_id, actor="bo")
    assert seen(title_id)
    with begin() as session:
        told = [(row.action, row.actor) for row in title_versions.listed(session, title_id)]
    assert told == [("restore", "bo"), ("delivery", "delivery"), ("withdraw", "ada"), ("delivery", "delivery")]
    with pytest.raises(Outdated):
        actions.withdraw(title_id, 1, actor="ada")
    with pytest.raises(Conflict):
        actions.withdraw(deliver("unready", publish=False), actor="ada")


def test_several_titles_are_changed_each_on_its_own(deliver: Deliver) -> None:
    good, unready = deliver(), deliver("unready", publish=False)
    got = actions.bulk([good, unready, 12345, good], lambda title_id: actions.withdraw(title_id, actor="ada"))
    assert [(each.title_id, each.changed, bool(each.error)) for each in got] == [
        (good, True, False),
        (unready, False, True),
        (12345, False, True),
    ]
    with pytest.raises(InvalidInput):
        actions.bulk(range(501), lambda title_id: actions.withdraw(title_id, actor="ada"))


def test_a_schedule_holds_to_the_instant_and_without_any_process(deliver: Deliver) -> None:
    title_id, moment = deliver(), datetime(2030, 1, 1, tzinfo=UTC)
    actions.publish(title_id, at=moment, actor="ada")
    tick = timedelta(microseconds=1)
    assert [seen(title_id, at) for at in (None, moment - tick, moment, moment + tick)] == [False, False, True, True]
    actions.publish(title_id, at=now() - AN_HOUR, actor="ada")  # a moment at which nothing ran
    assert seen(title_id)
    actions.publish(title_id, at=None, actor="ada")
    assert seen(title_id, moment - 1000 * AN_HOUR)
    with pytest.raises(InvalidInput):
        actions.publish(title_id, at=datetime(2030, 1, 1), actor="ada")


def test_an_embargo_holds_for_a_film_that_is_not_ready_and_within_its_windows(deliver: Deliver) -> None:
    later = now() + AN_HOUR
    window = {"start": (later + AN_HOUR).isoformat(), "end": (later + 2 * AN_HOUR).isoformat()}
    title_id = deliver(publish=False, availability=[window])
    actions.publish(title_id, at=later, actor="ada")
    deliver(plan="plan-b", availability=[window])
    assert state(title_id) == "published"
    assert [seen(title_id, later + n * AN_HOUR / 2) for n in (0, 1, 2, 3, 4)] == [False, False, True, True, False]
    with begin() as session:
        offer = titles.offer(titles.get(session, title_id))
    assert entitlement.refusal(offer, titles.EVERYBODY, later) is Refusal.WINDOW


def test_a_deletion_can_be_taken_back_within_its_grace(deliver: Deliver, purged: list[str]) -> None:
    title_id = deliver()
    actions.delete(title_id, grace=AN_HOUR, actor="ada")
    assert not seen(title_id)
    assert upkeep.delete_due() == []
    with pytest.raises(Conflict):
        deletion.delete_title(title_id)
    with pytest.raises(Conflict, match="being deleted"), begin() as session:
        titles.upsert(session, TitleMetadata.model_validate({"slug": "the-lantern", **SIDECAR}), "new")
    actions.keep(title_id, actor="bo")
    assert seen(title_id)
    assert bytes_of(title_id)
    actions.withdraw(title_id, actor="ada")
    actions.delete(title_id, grace=timedelta(), actor="ada")
    with pytest.raises(Conflict, match="over"):
        actions.keep(title_id, actor="bo")
    with pytest.raises(InvalidInput):
        actions.delete(title_id, grace=-AN_HOUR, actor="ada")


def test_caches_are_purged_of_what_was_taken_away(deliver: Deliver, purged: list[str]) -> None:
    title_id, other = deliver(), deliver("other", source="b" * 64, plan="plan-b")
    actions.withdraw(title_id, actor="ada")
    assert {due for due, _ in upkeep.waiting()} == {title_id}
    assert upkeep.purge_caches() == 1
    assert {path.split("/")[3] for path in purged} == {str(title_id)}
    assert upkeep.waiting() == frozenset()
    assert other


def test_a_cache_that_is_away_waits(deliver: Deliver) -> None:
    title_id = deliver()  # the edges of the settings, which nobody has started
    actions.withdraw(title_id, actor="ada")
    assert upkeep.purge_caches() == 0
    assert upkeep.waiting()
    actions.delete(title_id, grace=timedelta(), actor="ada")
    with pytest.raises(Unavailable):
        upkeep.delete_due()
    assert state(title_id) == "deleting"
    assert not seen(title_id)


class Killed(BaseException):
    """The process ends here."""


def test_a_deletion_killed_anywhere_is_done_by_the_next_run(
    deliver: Deliver, purged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run lives one step longer than the last; between them nobody sees the title, and others keep theirs."""
    title_id = deliver(source="a" * 64)
    deliver(source="c" * 64, plan="plan-c", year=2002)
    sharing = deliver("sharing", source="a" * 64, plan="plan-a")  # the same film, cut into the same chunks
    actions.delete(title_id, grace=timedelta(), actor="ada")
    delete, steps = Store.delete, 0

    def delete_then_die(store: Store, key: str) -> None:
        nonlocal steps
        delete(store, key)
        steps -= 1
        if steps == 0:
            raise Killed

    monkeypatch.setattr(Store, "delete", delete_then_die)
    for allowed in range(1, 100):
        steps = allowed
        try:
            assert upkeep.delete_due() == ["the-lantern"]
            break
        except Killed:
            assert state(title_id) == "deleting"
            assert not seen(title_id)
            assert seen(sharing)
    assert allowed > 10
    with pytest.raises(NotFound):
        state(title_id)
    assert bytes_of(title_id) == []
    assert upkeep.waiting() == frozenset()
    assert upkeep.delete_due() == []
    deletion.delete_title(title_id)
    assert {key.split("/")[0] for key in mezzanine().keys()} == {"a" * 64}  # noqa: SIM118 (a store's)
    assert {key.split("/")[0] for key in work().keys()} == {"plan-a"}  # noqa: SIM118
    assert len(bytes_of(sharing)) == 5 * len(origins())
    with begin() as session:
        for table in (Title, TitleVersion, ReleaseRow, DeliveryRow):
            assert session.scalar(select(func.count()).select_from(table)) == 1, table


def test_a_film_that_went_while_it_was_taken_is_taken_again(deliver: Deliver) -> None:
    deliver()
    with begin() as session:
        accepted: Any = session.scalars(select(DeliveryRow)).one().document
    from marquee.contracts.delivery import AcceptedDelivery, StoredFile

    film = StoredFile.model_validate(accepted["source"])
    held = AcceptedDelivery.model_construct(source=film, extras={})
    ingest.confirm_stored(held)
    mezzanine().delete(film.key)
    with pytest.raises(Unavailable, match="try again"):
        ingest.confirm_stored(held)
