"""Laws of pictures that people give: shown at once, theirs until taken back, undone, and gone with the title."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from marquee.catalogue import releases, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import now
from marquee.content.desk import actions, artwork, history, pictures, sheet, upkeep
from marquee.content.pipeline import releasing
from marquee.content.pipeline.stores import mezzanine, origins
from marquee.contracts.artwork import OwnPicture, Rectangle, own_prefix
from marquee.contracts.errors import Conflict, DeliveryRefused, InvalidInput, NotFound, Outdated, Unavailable
from marquee.storage import Store
from tests.content.desk.conftest import Deliver, version
from tests.content.desk.test_actions import Killed
from tests.content.desk.test_commands import title as command

LEFT, RIGHT = Rectangle(width=0.5), Rectangle(x=0.5, width=0.5)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Red on the left, blue on the right."""
    return _two(tmp_path / "two.png", "red", "blue")


def _two(path: Path, left: str, right: str) -> Path:
    image = Image.new("RGB", (240, 90), left)
    image.paste(right, (120, 0, 240, 90))
    image.save(path)
    return path


def own(title_id: int, kind: str = "poster") -> OwnPicture | None:
    with begin() as session:
        return pictures.own_picture(titles.get(session, title_id), kind)


def shown(title_id: int, kind: str = "poster") -> str:
    """The colour in the middle of what viewers get."""
    with Image.open(io.BytesIO(pictures.picture(title_id, kind))) as image:
        red, _, blue = image.convert("RGB").getpixel((image.width // 2, image.height // 2))[:3]
    return "red" if red > 200 > blue else "blue" if blue > 200 > red else "other"


def at_origins(title_id: int) -> set[str]:
    """The files of its own pictures, of which every replica has the same."""
    first, *others = [set(store.keys(own_prefix(title_id))) for store in origins().values()]
    assert all(each == first for each in others)
    return {key.rpartition("/")[2] for key in first}


def line(title_id: int, kind: str = "poster") -> pictures.PictureLine:
    return next(each for each in pictures.artwork_sheet(title_id).pictures if each.kind == kind)


def test_a_picture_is_shown_at_once_and_undone_and_given_back(deliver: Deliver, picture: Path) -> None:
    title_id = deliver(artwork={"poster": "poster.jpg"})
    assert (line(title_id).came_from, line(title_id, "backdrop").came_from) == ("delivery", None)
    names = set()
    for at, (part, colour) in enumerate(((LEFT, "red"), (RIGHT, "blue")), start=1):
        done = artwork.give(title_id, at, "poster", picture, rectangle=part, actor="ada", note="brighter")
        assert (done.version, done.changed) == (at + 1, True)
        assert shown(title_id) == colour
        names.add(own(title_id).file)
    assert at_origins(title_id) == names
    assert len(names) == 2  # another content is another address
    assert not artwork.give(title_id, 3, "poster", picture, rectangle=RIGHT, actor="ada").changed
    said = line(title_id)
    assert (said.came_from, said.by, said.own.rectangle) == ("person", "ada", RIGHT)
    assert "artwork.poster" in sheet.title_sheet(title_id).edited
    history.undo(title_id, 3, 3, actor="bo")
    assert shown(title_id) == "red"
    history.undo(title_id, 4, 4, actor="bo")
    assert shown(title_id) == "blue"
    with pytest.raises(Conflict, match="nothing left"):
        history.undo(title_id, 5, 4, actor="bo")
    artwork.give_back(title_id, 5, "poster", actor="bo")
    assert (own(title_id), line(title_id).came_from, line(title_id).by) == (None, "delivery", "bo")
    history.undo(title_id, 6, 6, actor="ada")
    assert shown(title_id) == "blue"
    told = [(each.action, each.undoable) for each in sheet.title_sheet(title_id).versions]
    assert told == [
        ("undo", True),
        ("artwork", True),
        *[("undo", True)] * 2,
        *[("artwork", True)] * 2,
        ("delivery", False),
    ]


def test_it_stays_whatever_is_delivered_or_rolled_back_to(deliver: Deliver, picture: Path) -> None:
    title_id = deliver(publish=False)
    artwork.give(title_id, None, "poster", picture, rectangle=LEFT, actor="ada")  # before there is a release
    deliver(plan="plan-b", source="b" * 64, artwork={"poster": "new.jpg"})
    deliver(plan="plan-c", source="c" * 64)
    with begin() as session:
        releases.point(session, releases.previous(session, title_id).id, action="rollback", actor="test")
    assert shown(title_id) == "red"
    history.undo(title_id, None, 2, actor="ada")
    assert line(title_id).came_from == "delivery"


def test_another_part_is_cut_out_of_what_there_is(deliver: Deliver, picture: Path) -> None:
    title_id = deliver()
    for store in origins().values():
        store.write(f"{title_id}/{_release(title_id)}/art/poster.jpg", picture.read_bytes())
    artwork.crop(title_id, 1, "poster", RIGHT, actor="ada")
    assert shown(title_id) == "blue"
    assert pictures.picture(title_id, "poster", whole=True) == picture.read_bytes()
    artwork.crop(title_id, 2, "poster", LEFT, actor="ada")
    assert shown(title_id) == "red"
    artwork.crop(title_id, 3, "backdrop", RIGHT, of="poster", actor="ada")
    backdrop = own(title_id, "backdrop")
    assert (backdrop.width, backdrop.height, backdrop.rectangle.focus) == (240, 90, (1.0, 0.5))
    with pytest.raises(NotFound, match="no such picture"):
        artwork.crop(title_id, 4, "logo", LEFT, actor="ada")


def _release(title_id: int) -> int:
    with begin() as session:
        return titles.get(session, title_id).current_release_id


def test_of_two_editors_one_wins_and_what_is_no_picture_changes_nothing(
    deliver: Deliver, picture: Path, tmp_path: Path
) -> None:
    title_id, text = deliver(), tmp_path / "poster.jpg"
    text.write_text("no picture")
    artwork.give(title_id, 1, "poster", picture, rectangle=LEFT, actor="ada")
    before = at_origins(title_id)
    for refusal, ask in {
        Outdated: lambda: artwork.give(title_id, 1, "poster", picture, rectangle=RIGHT, actor="bo"),
        DeliveryRefused: lambda: artwork.give(title_id, 2, "poster", text, actor="bo"),
        InvalidInput: lambda: artwork.give(title_id, 2, "sticker", picture, actor="bo"),
        NotFound: lambda: artwork.give(77, None, "poster", picture, actor="bo"),
    }.items():
        with pytest.raises(refusal):
            ask()
    with pytest.raises(Outdated):
        history.undo(title_id, 1, 2, actor="bo")
    assert (shown(title_id), version(title_id), at_origins(title_id)) == ("red", 2, before)


def test_a_replica_that_cannot_be_written_leaves_the_picture_there_was(
    deliver: Deliver, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title_id, put = deliver(), Store.put

    def fail_at_the_last(store: Store, key: str, source: Path) -> None:
        if store.url == list(origins().values())[-1].url:
            raise OSError("no room")
        put(store, key, source)

    monkeypatch.setattr(Store, "put", fail_at_the_last)
    with pytest.raises(Unavailable):
        artwork.give(title_id, 1, "poster", picture, actor="ada")
    assert (own(title_id), version(title_id)) == (None, 1)
    monkeypatch.setattr(Store, "put", put)
    artwork.give(title_id, 1, "poster", picture, rectangle=LEFT, actor="ada")
    assert shown(title_id) == "red"


def test_former_pictures_leave_an_hour_later_and_can_still_be_undone(
    deliver: Deliver, picture: Path, purged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    title_id = deliver()
    artwork.give(title_id, 1, "poster", picture, rectangle=LEFT, actor="ada")
    first = own(title_id).file
    artwork.give(title_id, 2, "poster", picture, rectangle=RIGHT, actor="ada")
    assert upkeep.collect_pictures() == 0
    assert first in at_origins(title_id)
    with begin() as session:
        titles.get(session, title_id).artwork_changed_at = now() - timedelta(hours=2)
    assert {due for due, _ in upkeep.waiting()} == {title_id}

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(releasing, "purge_paths", die)
        with pytest.raises(Killed):
            upkeep.collect_pictures()
    assert upkeep.collect_pictures() == 1
    assert at_origins(title_id) == {own(title_id).file}
    assert {path.split("/", 3)[3] for path in purged} == {f"{own_prefix(title_id)}/art/{first}"}
    assert upkeep.waiting() == frozenset()
    history.undo(title_id, 3, 3, actor="ada")
    assert (own(title_id).file, shown(title_id)) == (first, "red")


def test_a_title_takes_its_pictures_along(deliver: Deliver, picture: Path, purged: list[str]) -> None:
    title_id = deliver()
    artwork.give(title_id, None, "poster", picture, actor="ada")
    assert [key.split("/")[:2] for key in mezzanine().keys("artwork")] == [["artwork", str(title_id)]]
    actions.delete(title_id, grace=timedelta(), actor="ada")
    assert upkeep.delete_due() == ["the-lantern"]
    assert any(f"/{own_prefix(title_id)}/art/" in path for path in purged)
    assert at_origins(title_id) == set()
    assert list(mezzanine().keys("artwork")) == []


def test_damaged_replicas_are_repaired(deliver: Deliver, picture: Path) -> None:
    title_id = deliver(publish=False)
    artwork.give(title_id, None, "poster", picture, rectangle=LEFT, actor="ada")
    region, store = next(iter(origins().items()))
    path = own(title_id).path
    store.write(f"{own_prefix(title_id)}/{path}", b"damaged")
    assert shown(title_id) == "red"  # from another replica
    assert releasing.scrub("the-lantern") == {0: {region: (path,)}}
    assert releasing.scrub("the-lantern") == {0: {}}


def test_pictures_are_given_from_a_shell(deliver: Deliver, picture: Path) -> None:
    title_id = deliver()
    told = command("artwork", "the-lantern", "poster", str(picture), "--crop", "0.5,0,0.5,1", "--note", "brighter")
    assert "another poster is shown, version 2" in told
    assert shown(title_id) == "blue"
    command("artwork", "the-lantern", "backdrop", "--of", "poster")
    assert "backdrop  person  240x90  changed by cli:" in command("artwork", "the-lantern")
    command("artwork", "the-lantern", "poster", "--give-back")
    assert own(title_id) is None
    for crop in ("0.5,0,0.6,1", "left", "0,0,1"):
        with pytest.raises(InvalidInput, match="not a part"):
            command("artwork", "the-lantern", "poster", str(picture), "--crop", crop)
