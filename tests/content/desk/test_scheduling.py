"""Laws of scheduled releases: never early, once, by whoever is up; previews of what is not published yet."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from marquee.catalogue import previews, releases, title_versions, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import Publication, ReleaseRow, Title, TitleState, now
from marquee.content.desk import actions, retention, scheduling, sheet, upkeep
from marquee.content.desk import previews as links
from marquee.content.pipeline.stores import origins
from marquee.contracts.errors import Conflict, InvalidInput, NotFound, Outdated, Unavailable
from marquee.settings import settings
from tests.content.desk.conftest import Deliver
from tests.event_loop import in_loop

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def title_id(deliver: Deliver) -> int:
    """A title whose first release is shown, and whose second one is ready."""
    deliver(plan="plan-a")
    return deliver(plan="plan-b", publish=False, year=2001)


def made(title_id: int) -> list[int]:
    """The releases of a title, the oldest first."""
    with begin() as session:
        return sorted(row.id for row in releases.of_title(session, title_id))


def shown(title_id: int) -> int | None:
    with begin() as session:
        return titles.get(session, title_id).current_release_id


def played(title_id: int) -> int | None:
    """The release that a new playback is of; the list and the title's page know of no other."""
    found = in_loop(lambda database: titles.offered(database.ask, title_id))
    with begin() as session:
        assert titles.release_of(titles.get(session, title_id)) == (found and found.release_id)
    return found and found.release_id


def told(title_id: int) -> list[tuple[str, str, int]]:
    with begin() as session:
        wanted = select(Publication).where(Publication.title_id == title_id).order_by(Publication.id)
        return [(each.action, each.actor, each.release_id) for each in session.scalars(wanted)]


def comes(title_id: int, at: datetime) -> None:
    """Let the scheduled moment be that one, as if it had been set long ago."""
    with begin() as session:
        session.execute(update(Title).where(Title.id == title_id).values(scheduled_at=at))


def test_a_second_release_is_shown_at_its_moment_not_earlier_and_once(title_id: int) -> None:
    first, second = made(title_id)
    done = scheduling.schedule(title_id, second, 2, at=now() + timedelta(seconds=30), actor="ada")
    assert (done.changed, done.version) == (True, 3)
    assert (upkeep.waiting(), upkeep.publish_due(), played(title_id)) == (frozenset(), [], first)
    comes(title_id, now() - AN_HOUR)  # while everything was down
    assert {due for due, _ in upkeep.waiting()} == {title_id}
    assert (played(title_id), shown(title_id)) == (second, first)  # before anything has run
    assert upkeep.publish_due() == ["the-lantern"]
    assert (upkeep.waiting(), upkeep.publish_due(), played(title_id), shown(title_id)) == (
        frozenset(),
        [],
        second,
        second,
    )
    assert told(title_id) == [("publish", "test", first), ("publish", "ada", second)]
    assert sheet.title_sheet(title_id).schedule is None
    with begin() as session:
        assert releases.previous(session, title_id).id == first  # so a rollback leads back
        assert next(row.action for row in title_versions.listed(session, title_id)) == "schedule"


def test_of_many_who_look_at_once_one_publishes(title_id: int) -> None:
    _, second = made(title_id)
    scheduling.schedule(title_id, second, at=now() + AN_HOUR, actor="ada")
    comes(title_id, now() - AN_HOUR)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: upkeep.publish_due(), range(8)))
    assert sum(map(len, found)) == 1
    assert len(told(title_id)) == 2


class Killed(BaseException):
    """The process ends here."""


def test_one_who_is_killed_in_the_middle_has_done_nothing(title_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = made(title_id)
    scheduling.schedule(title_id, second, at=now() + AN_HOUR, actor="ada")
    comes(title_id, now() - AN_HOUR)
    note = releases.note

    def note_then_die(session: Session, title: Title) -> bool:
        note(session, title)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(releases, "note", note_then_die)
        with pytest.raises(Killed):
            upkeep.publish_due()
    assert (shown(title_id), len(told(title_id))) == (first, 1)
    assert upkeep.publish_due() == ["the-lantern"]


def test_what_was_due_comes_before_what_is_done_after_it(title_id: int, deliver: Deliver) -> None:
    deliver(plan="plan-c", publish=False, year=2002)
    first, second, third = made(title_id)
    scheduling.schedule(title_id, second, at=now() + AN_HOUR, actor="ada")
    comes(title_id, now() - AN_HOUR)
    scheduling.schedule(title_id, third, at=now() + AN_HOUR, actor="bo")
    assert played(title_id) == second
    comes(title_id, now() - AN_HOUR)
    with begin() as session:
        assert releases.previous(session, title_id).id == second
        releases.point(session, first, action="rollback", actor="cy")
    assert (played(title_id), upkeep.publish_due()) == (first, [])
    assert told(title_id)[1:] == [("publish", "ada", second), ("publish", "bo", third), ("rollback", "cy", first)]


def test_a_first_release_appears_and_what_a_person_took_away_does_not(deliver: Deliver) -> None:
    fresh, withdrawn = deliver("fresh", publish=False), deliver("withdrawn", source="b" * 64, plan="plan-b")
    deleted = deliver("deleted", source="c" * 64, plan="plan-c")
    deliver("withdrawn", source="b" * 64, plan="plan-d", publish=False, year=2001)
    deliver("deleted", source="c" * 64, plan="plan-e", publish=False, year=2001)
    for title_id in (fresh, withdrawn, deleted):
        scheduling.schedule(title_id, made(title_id)[-1], at=now() + AN_HOUR, actor="ada")
        comes(title_id, now() - AN_HOUR)
    actions.withdraw(withdrawn, actor="ada")
    actions.delete(deleted, grace=AN_HOUR, actor="ada")
    with begin() as session:
        seen = set(session.scalars(select(Title.slug).where(titles.shown())))
        offers = [titles.offer(titles.get(session, each)) for each in (fresh, withdrawn, deleted)]
    assert (seen, [each.published for each in offers]) == ({"fresh"}, [True, False, False])
    assert set(upkeep.publish_due()) == {"fresh", "withdrawn"}
    with begin() as session:
        states = [titles.get(session, each).state for each in (fresh, withdrawn, deleted)]
    assert states == [TitleState.PUBLISHED, TitleState.WITHDRAWN, TitleState.DELETING]
    assert shown(withdrawn) == made(withdrawn)[-1]


def test_a_schedule_is_taken_back_until_its_moment_or_replaced(title_id: int) -> None:
    first, second = made(title_id)
    later = now() + AN_HOUR
    scheduling.schedule(title_id, second, at=later, actor="ada")
    assert not scheduling.schedule(title_id, second, at=later, actor="ada").changed
    scheduling.schedule(title_id, second, at=later + AN_HOUR, actor="bo")
    line = sheet.title_sheet(title_id).schedule
    assert line
    assert (line.release_id, line.at, line.by, line.overdue) == (second, later + AN_HOUR, "bo", False)
    with pytest.raises(Outdated):
        scheduling.cancel(title_id, 1, actor="ada")
    assert scheduling.cancel(title_id, actor="ada").changed
    assert not scheduling.cancel(title_id, actor="ada").changed
    scheduling.schedule(title_id, second, at=later, actor="ada")
    comes(title_id, now() - AN_HOUR)
    with pytest.raises(Conflict, match="moment"):
        scheduling.cancel(title_id, actor="ada")
    assert sheet.title_sheet(title_id).schedule.overdue  # type: ignore[union-attr]
    with begin() as session:
        releases.point(session, second, action="publish", actor="bo")  # by hand meanwhile: the schedule is done
    assert (upkeep.publish_due(), shown(title_id), first in made(title_id)) == ([], second, True)


def test_what_cannot_be_shown_is_not_scheduled(title_id: int, deliver: Deliver) -> None:
    first, second = made(title_id)
    other = made(deliver("other", source="b" * 64, plan="plan-c", publish=False))[0]
    later = now() + AN_HOUR
    with pytest.raises(InvalidInput, match="passed"):
        scheduling.schedule(title_id, second, at=now() - timedelta(seconds=1), actor="ada")
    with pytest.raises(InvalidInput, match="zone"):
        scheduling.schedule(title_id, second, at=datetime(2030, 1, 1), actor="ada")
    with pytest.raises(Conflict):
        scheduling.schedule(title_id, first, at=later, actor="ada")
    with pytest.raises(NotFound):
        scheduling.schedule(title_id, other, at=later, actor="ada")
    *_, last = origins().values()
    last.remove(f"{title_id}/{second}/hls/master.m3u8")
    with pytest.raises(Unavailable):
        scheduling.schedule(title_id, second, at=later, actor="ada")
    with begin() as session:
        releases.get(session, second).document = None
    for refused in (
        lambda: scheduling.schedule(title_id, second, at=later, actor="ada"),
        lambda: link(title_id, second),
    ):
        with pytest.raises(Conflict, match="complete"):
            refused()
    with begin() as session:
        assert titles.get(session, title_id).scheduled_at is None


def link(title_id: int, release_id: int) -> str:
    return links.link(title_id, release_id, actor="ada").url.partition("#")[2]


def test_links_are_of_one_title_and_who_asked_is_kept(title_id: int, deliver: Deliver) -> None:
    first, second = made(title_id)
    assert link(title_id, second) != link(title_id, second)
    with pytest.raises(NotFound):
        link(deliver("other", source="b" * 64, plan="plan-c"), second)
    actions.withdraw(title_id, actor="ada")
    assert link(title_id, first)
    actions.delete(title_id, grace=AN_HOUR, actor="ada")
    with pytest.raises(Conflict):
        link(title_id, second)
    with begin() as session:
        kept = previews.listed(session, title_id)
    assert [(row.actor, row.release_id, row.opened_at) for row in kept] == [
        ("ada", first, None),
        ("ada", second, None),
        ("ada", second, None),
    ]


def test_retention_keeps_what_is_scheduled_or_previewed(
    title_id: int, purged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARQUEE_RETENTION_RELEASES", "0")
    settings.cache_clear()
    first, second = made(title_id)
    with begin() as session:
        releases.point(session, second, action="publish", actor="test")
        session.execute(update(Publication).values(at=now() - timedelta(days=365)))
        session.execute(update(ReleaseRow).values(published_at=now() - timedelta(days=365)))
    assert retention.find().releases == (first,)
    scheduling.schedule(title_id, first, at=now() + AN_HOUR, actor="ada")
    assert retention.find().releases == ()
    scheduling.cancel(title_id, actor="ada")
    link(title_id, first)
    with begin() as session:
        (preview,) = previews.listed(session, title_id)
        preview.opened_at, preview.expires_at = now(), now() + AN_HOUR
    assert retention.find().releases == ()
    with begin() as session:
        previews.listed(session, title_id)[0].ended_at = datetime.now(UTC)
    assert retention.find().releases == (first,)
