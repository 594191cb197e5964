"""When a process dies while the desk does something to a title, all of it has happened or nothing; again it is done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from marquee.catalogue import title_versions, titles
from marquee.catalogue.database import begin, engine
from marquee.catalogue.models import ReleaseRow
from marquee.content.desk import actions, artwork, editing, history, scheduling
from marquee.content.media.artwork import Made
from marquee.content.pipeline import releasing
from marquee.contracts.artwork import Rectangle
from marquee.contracts.errors import Conflict
from marquee.storage import Store
from tests.content.desk.conftest import Deliver, fields

SOON = datetime(2100, 1, 1, tzinfo=UTC)
STEPS = ("before_cursor_execute", "commit")
Act = Callable[[int], object]


class Killed(BaseException):
    """The process ends here."""


@contextmanager
def killed_after(steps: int) -> Iterator[None]:
    """Die before the next statement, commit or write to a store, once so many of them are done."""
    left = steps

    def step(*_: Any, **__: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed

    def then(do: Callable[..., Any]) -> Callable[..., Any]:
        def done(*given: Any, **named: Any) -> Any:
            step()
            return do(*given, **named)

        return done

    bound: Engine = engine()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("write", "put", "remove", "delete"):
            patch.setattr(Store, name, then(getattr(Store, name)))
        for name in STEPS:
            event.listen(bound, name, step)
        try:
            yield
        finally:
            for name in STEPS:
                event.remove(bound, name, step)


def earlier(title_id: int) -> int:
    """The first release."""
    with begin() as session:
        return min(session.scalars(select(ReleaseRow.id).where(ReleaseRow.title_id == title_id)))


def roll_back(title_id: int) -> None:
    with begin() as session:
        slug = titles.get(session, title_id).slug
    releasing.roll_back(slug, earlier(title_id), actor="ada")


def give_picture(title_id: int) -> None:
    with TemporaryDirectory() as folder:
        Image.new("RGB", (600, 900), "blue").save(file := Path(folder) / "poster.jpg")
        artwork.give(title_id, None, "poster", file, actor="ada")


def edit(title_id: int) -> None:
    editing.edit(title_id, None, {"year": 1950, "texts": {"en": {"title": "The Lamp"}}}, actor="ada")


ACTIONS: dict[str, tuple[tuple[Act, ...], Act]] = {  # what comes before, and what is killed
    "withdraw": ((), lambda title: actions.withdraw(title, actor="ada")),
    "restore": ((lambda title: actions.withdraw(title, actor="ada"),), lambda title: actions.restore(title, actor="a")),
    "publish at a time": ((), lambda title: actions.publish(title, at=SOON, actor="ada")),
    "delete": ((), lambda title: actions.delete(title, grace=timedelta(days=3), actor="ada")),
    "keep": (
        (lambda title: actions.delete(title, grace=timedelta(days=3), actor="ada"),),
        lambda title: actions.keep(title, actor="ada"),
    ),
    "edit": ((), edit),
    "undo": ((edit,), lambda title: history.undo(title, None, 2, actor="ada")),
    "schedule": ((), lambda title: scheduling.schedule(title, earlier(title), at=SOON, actor="ada")),
    "take a schedule back": (
        (lambda title: scheduling.schedule(title, earlier(title), at=SOON, actor="ada"),),
        lambda title: scheduling.cancel(title, actor="ada"),
    ),
    "roll back": ((), roll_back),
    "give a picture": ((), give_picture),
}


def standing(title_id: int) -> dict[str, Any]:
    """All that people and viewers find of a title; releases by their place, moments left out."""
    with begin() as session:
        title = titles.get(session, title_id)
        own = sorted(session.scalars(select(ReleaseRow.id).where(ReleaseRow.title_id == title_id)))
        place = {None: None} | {release: place for place, release in enumerate(own)}
        return {
            "state": title.state,
            "shown from": title.shown_from,
            "shown": place[title.current_release_id],
            "scheduled": (place[title.scheduled_release_id], title.scheduled_at),
            "deleted": title.delete_at is not None,
            "fields": fields(title_id),
            "artwork": {kind: said.get("sha256") or sorted(said) for kind, said in title.artwork.items()},
            "versions": [row.action for row in title_versions.listed(session, title_id)],
        }


@pytest.fixture
def quick_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture is cut once: every title gets the same, and that takes a second."""
    cut, made = artwork.make_picture, []

    def cut_once(kind: str, source: Path, rectangle: Rectangle, _: Path) -> Made:
        if not made:
            made.append(cut(kind, source, rectangle, tmp_path))
        return made[0]

    monkeypatch.setattr(artwork, "make_picture", cut_once)


@pytest.mark.usefixtures("purged", "quick_picture")
@pytest.mark.parametrize("name", ACTIONS)
def test_all_of_it_or_nothing_and_again_it_is_done(deliver: Deliver, name: str) -> None:
    first, act = ACTIONS[name]

    def fresh() -> int:
        nonlocal number
        number += 1
        slug = f"title-{number}"
        for plan in ("a", "b"):
            title_id = deliver(slug, plan=f"{slug}-{plan}", source=f"{number:064d}")
        for each in first:
            each(title_id)
        return title_id

    number = 0
    whole = fresh()
    before = standing(whole)
    act(whole)
    after = standing(whole)
    assert after != before
    for steps in range(0, 200, 5 if act is give_picture else 1):  # of which each step writes files to three replicas
        title_id = fresh()
        try:
            with killed_after(steps):
                act(title_id)
            break
        except Killed:
            found = standing(title_id)
            assert found in (before, after), steps
        if found == before:
            act(title_id)
        else:
            with suppress(Conflict):  # or it changes nothing
                act(title_id)
        assert standing(title_id) == after
    assert steps > 2
    assert standing(title_id) == after
