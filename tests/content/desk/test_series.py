"""Laws of what people say of series: the sidecar's rules, two editors, undo, later deliveries, pictures."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from marquee.catalogue import series_versions
from marquee.catalogue.database import begin
from marquee.content.delivery.sidecar import load_series
from marquee.content.desk import series, series_editing
from marquee.content.pipeline import series as pipeline
from marquee.content.pipeline.stores import origins
from marquee.contracts.errors import Conflict, DeliveryRefused, InvalidInput, NotFound, Outdated
from marquee.settings import settings
from tests.content.desk.conftest import Deliver

pytestmark = pytest.mark.usefixtures("catalogue")
SLUG = "the-coast"
SIDECAR: dict[str, Any] = {"texts": {"en": {"title": "Shores", "synopsis": "Fog."}, "de": {"title": "Küste"}}}
EDITS: list[dict[str, Any]] = [
    {"texts": {"de": {"title": "Die Küste"}}},
    {"texts": {"en": None}, "original_language": "de"},
    {"genres": ["nautical"]},
    {"finished": True},
    {"seasons": [{"season": 2, "names": {"en": "Later"}}, {"season": 1, "names": {}}]},
    {"artwork_of": "coast-1"},
]
BROKEN: list[dict[str, Any]] = [
    {"texts": {"en": {"synopsis": "no title"}}},
    {"original_language": "fr"},
    {"genres": ["Not A Slug"]},
    {"finished": "perhaps"},
    {"seasons": [{"season": 1}, {"season": 1}]},
    {"seasons": [{"season": -1}]},
    {"seasons": [{"season": 1, "names": {"ENGLISH!": "a"}}]},
    {"artwork_of": "../etc"},
    {"name": "a"},
]


def put(folder: Path, picture: bytes | None = None, **said: Any) -> Path:
    """A delivery in the inbox."""
    folder.mkdir(parents=True)
    document = SIDECAR | said | ({"artwork": {"poster": "poster.jpg"}} if picture else {})
    (folder / "series.yaml").write_text(yaml.safe_dump(document, allow_unicode=True))
    if picture:
        (folder / "poster.jpg").write_bytes(picture)
    (folder / ".done").touch()
    return folder


def deliver(picture: bytes | None = None, **said: Any) -> None:
    put(settings().inbox / SLUG, picture, **said)
    assert pipeline.take_ready().taken == (SLUG,)


def drawn(colour: str, form: str = "JPEG", size: tuple[int, int] = (20, 30)) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, form)
    return made.getvalue()


def fields() -> dict[str, Any]:
    with begin() as session:
        row = series_versions.find(session, SLUG)
        return series_versions.read(row) if row else {}


def path() -> str:
    """Where the poster lies."""
    return str(fields()["artwork"]["poster"]["path"])


def version() -> int:
    return series.sheet(SLUG).version


@pytest.mark.parametrize("delivered", [True, False])
def test_an_edit_changes_its_fields_alone_and_undo_gives_them_back(delivered: bool) -> None:
    if delivered:
        deliver()
    else:
        series_editing.edit(SLUG, 0, SIDECAR, actor="ada")
    before, given = fields(), series.sheet(SLUG).edited
    for changes in EDITS:
        at = version()
        assert series_editing.edit(SLUG, at, changes, actor="ada", note="why").version == at + 1, changes
        edited = fields()
        named = {name for name in before.keys() | edited.keys() if before.get(name) != edited.get(name)}
        assert {name.partition(".")[0] for name in named} == changes.keys()
        assert set(series.sheet(SLUG).edited) == set(given) | named
        latest = series.sheet(SLUG).versions[0]
        assert (latest.actor, latest.action, latest.note, set(latest.changed)) == ("ada", "edit", "why", named)
        assert not series_editing.edit(SLUG, at + 1, changes, actor="ada").changed
        series_editing.undo(SLUG, at + 1, at + 1, actor="bo")
        assert fields() == before
    with pytest.raises(NotFound):
        series_editing.undo(SLUG, version(), 999, actor="bo")
    if delivered:
        with pytest.raises(Conflict):
            series_editing.undo(SLUG, version(), 1, actor="bo")


def test_what_a_sidecar_may_not_say_an_edit_may_not(tmp_path: Path) -> None:
    deliver()
    before, folder = fields(), tmp_path / SLUG
    for n, changes in enumerate(BROKEN):
        whole = changes | ({"texts": SIDECAR["texts"] | changes["texts"]} if "texts" in changes else {})
        with pytest.raises(DeliveryRefused) as refused:
            load_series(put(tmp_path / str(n) / SLUG, **whole))
        with pytest.raises(InvalidInput) as told:
            series_editing.edit(SLUG, 1, changes, actor="ada")
        place = refused.value.where.removeprefix("series.yaml").removeprefix(": ")
        assert (told.value.where, told.value.what) == (place, refused.value.what)
    for wrong in ({"slug": "other"}, {"artwork": {"poster": "1/2/art/poster.jpg"}}):
        with pytest.raises(InvalidInput):
            series_editing.edit(SLUG, 1, wrong, actor="ada")
    with pytest.raises(InvalidInput):
        series_editing.edit("No Slug", 0, SIDECAR, actor="ada")
    assert (fields(), version(), folder.exists()) == (before, 1, False)


def test_of_two_editors_one_wins_also_where_nothing_was_said() -> None:
    def save(name: str) -> bool:
        try:
            return series_editing.edit(SLUG, 0, {"texts": {"en": {"title": name}}}, actor=name).changed
        except Outdated:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(save, "abcdefgh")) == 1
    assert version() == 1


def test_a_later_delivery_leaves_what_people_have_said() -> None:
    deliver(genres=["drama"])
    series_editing.edit(SLUG, 1, {"texts": {"de": {"title": "Die Küste"}}, "finished": True}, actor="ada")
    deliver(texts={"en": {"title": "The shores"}, "de": {"title": "Strand"}}, genres=["nautical"])
    now = fields()
    assert (now["texts.en"]["title"], now["texts.de"]["title"]) == ("The shores", "Die Küste")
    assert (now["finished"], now["genres"]) == (True, ["nautical"])
    series_editing.undo(SLUG, 3, 2, actor="ada")
    undone = fields()
    assert (undone["texts.de"]["title"], undone["finished"]) == ("Strand", False)
    assert series.sheet(SLUG).edited == ()


def test_pictures_lie_on_every_replica_by_what_is_in_them_and_come_back() -> None:
    red, blue = drawn("red"), drawn("blue", "PNG")
    deliver(red)
    first = path()
    assert [store.read(first) for store in origins().values()] == [red] * len(origins())
    done = series_editing.set_picture(SLUG, 1, "poster", blue, actor="ada")
    second = path()
    assert (done.version, second.endswith("/art/poster.png"), second != first) == (2, True, True)
    deliver(drawn("green"), finished=True)
    assert path() == second
    series_editing.undo(SLUG, 3, 2, actor="ada")
    assert path() not in (first, second)  # what was delivered last
    series_editing.undo(SLUG, 4, 4, actor="ada")
    assert [store.read(path()) for store in origins().values()] == [blue] * len(origins())
    series_editing.remove_picture(SLUG, 5, "poster", actor="ada")
    assert fields()["artwork"] == {}


def test_small_screens_find_narrower_ones_beside_a_picture() -> None:
    series_editing.set_picture(SLUG, 0, "poster", drawn("red", size=(400, 600)), actor="ada")
    assert fields()["artwork"]["poster"]["widths"] == [320]
    folder, _, name = path().rpartition("/")
    for store in origins().values():
        with Image.open(io.BytesIO(store.read(f"{folder}/320/{name.partition('.')[0]}.webp"))) as picture:
            assert (picture.format, picture.size) == ("WEBP", (320, 480))


@pytest.mark.parametrize("content", [b"", b"no picture", drawn("red")[:200]])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        series_editing.set_picture(SLUG, 0, "poster", content, actor="ada")
    with pytest.raises(InvalidInput):
        series_editing.set_picture(SLUG, 0, "../poster", drawn("red"), actor="ada")
    assert fields() == {}


def test_the_list_knows_what_is_said_and_what_only_episodes_name(deliver: Deliver) -> None:
    for n, slug in enumerate(("the-coast", "the-coast", "night-train")):
        deliver(f"e-{n}", kind="episode", episode={"series": slug, "season": 1, "number": n}, publish=n != 1)
    series_editing.edit("the-coast", 0, {"texts": {"en": {"title": "100% Shores"}}}, actor="ada")
    series_editing.edit("alone", 0, {"texts": {"en": {"title": "Alone"}}}, actor="ada")
    found = {line.slug: line for line in series.listed().items}
    assert [(s, line.name, line.version, line.episodes, line.published) for s, line in found.items()] == [
        ("alone", "Alone", 1, 0, 0),
        ("night-train", "Night Train", 0, 1, 1),
        ("the-coast", "100% Shores", 1, 2, 1),
    ]
    for query, slugs in (("0%", ["the-coast"]), ("NIGHT t", ["night-train"]), ("_", []), ("", list(found))):
        assert [line.slug for line in series.listed(query).items] == slugs, query
    first = series.listed(size=2)
    assert [line.slug for line in series.listed(size=2, after=first.next).items] == ["the-coast"]
    assert series.sheet("night-train").version == 0
    assert [each.slug for each in series.sheet("the-coast").episodes] == ["e-0", "e-1"]


def test_what_was_said_is_forgotten_with_its_pictures() -> None:
    deliver(drawn("red"))
    shown = path()
    with pytest.raises(Outdated):
        series_editing.remove(SLUG, 7, actor="ada")
    series_editing.remove(SLUG, 1, actor="ada")
    assert fields() == {}
    assert not any(store.exists(shown) for store in origins().values())
    for call in (lambda: series.sheet(SLUG), lambda: series_editing.remove(SLUG, None, actor="ada")):
        with pytest.raises(NotFound):
            call()
