"""Laws of edits: the sidecar's rules, two editors, undo, and deliveries that come later."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from marquee.catalogue import releases, title_versions, titles
from marquee.catalogue.database import begin
from marquee.content.delivery.sidecar import load_sidecar
from marquee.content.desk import editing, sheet
from marquee.contracts.errors import Conflict, DeliveryRefused, InvalidInput, NotFound, Outdated
from tests.content.desk.conftest import SIDECAR, Deliver, fields, version

EDITS: list[dict[str, Any]] = [
    {"texts": {"de": {"title": "Das Licht", "synopsis": "Neu."}}},
    {"texts": {"fr": {"title": "La lanterne"}}},
    {"texts": {"en": None}, "original_language": "de"},
    {"year": 2001},
    {"genres": ["noir", "silent-film"]},
    {"maturity_rating": "16"},
    {"ratings": {"fsk": "12", "mpa": "PG-13"}},
    {"credits": []},
    {"credits": [{"name": "Bo", "role": "actor", "character": "The keeper"}, {"name": "Ada", "role": "director"}]},
    {"countries": ["DE"]},
    {"episode": {"series": "lights", "season": 1, "number": 2}},
    {"trailer_of": "another-lantern"},
    {"availability": [{"territories": ["DE", "AT"], "start": "2026-01-01"}, {"territories": ["US"]}]},
    {"marks": {"intro_start_s": 1, "intro_end_s": 5.5, "chapters": [{"start_s": 0, "titles": {"en": "One"}}]}},
]
BROKEN: list[dict[str, Any]] = [
    {"texts": {}},
    {"texts": "words"},
    {"texts": {"en": {"synopsis": "no title"}}},
    {"texts": {"en": {"title": ""}}},
    {"texts": {"en": {"title": "a\0b"}}},
    {"texts": {"ENGLISH!": {"title": "a"}, "en": {"title": "a"}}},
    {"texts": {"en": {"title": "a", "subtitle": "b"}}},
    {"original_language": "fr"},
    {"year": 1800},
    {"year": "soon"},
    {"genres": ["Drama"]},
    {"maturity_rating": "7"},
    {"ratings": {"fsk": "13"}},
    {"ratings": {"imdb": "8"}},
    {"credits": [{"name": "Ada", "role": "The Director"}]},
    {"credits": [{"role": "actor"}]},
    {"countries": ["Germany"]},
    {"kind": "episode"},
    {"kind": "trailer"},
    {"trailer_of": "The Lantern", "kind": "trailer"},
    {"trailer_of": "another-lantern", "kind": "film"},
    {"kind": "series"},
    {"episode": {"series": "The Lights", "season": 1, "number": 2}, "kind": "episode"},
    {"episode": {"series": "lights", "season": -1, "number": 2}, "kind": "episode"},
    {"availability": [{"territories": ["Europe"]}]},
    {"availability": [{"start": "2026-01-02", "end": "2026-01-01"}]},
    {"marks": {"intro_start_s": 9, "intro_end_s": 3}},
    {"marks": {"credits_start_s": -1}},
    {"marks": {"chapters": [{"start_s": 9, "titles": {}}]}},
    {"yaer": 1999},
]


def test_an_edit_changes_its_fields_alone_and_undo_gives_them_back(deliver: Deliver) -> None:
    title_id = deliver()
    before, given = fields(title_id), sheet.title_sheet(title_id).edited
    for changes in EDITS:
        at = version(title_id)
        assert editing.edit(title_id, at, changes, actor="ada").version == at + 1, changes
        edited, mine = fields(title_id), sheet.title_sheet(title_id).edited
        named = {name for name in before.keys() | edited.keys() if before.get(name) != edited.get(name)}
        assert {name.partition(".")[0] for name in named} == changes.keys()
        assert set(mine) == named
        with begin() as session:
            row = title_versions.get(session, title_id, at + 1)
            assert (row.actor, row.action, set(row.changed)) == ("ada", "edit", named)
        again = editing.edit(title_id, at + 1, changes, actor="ada")
        assert (again.version, again.changed) == (at + 1, False)
        editing.undo(title_id, at + 1, at + 1, actor="bo")
        assert (fields(title_id), sheet.title_sheet(title_id).edited) == (before, given), changes
        editing.undo(title_id, at + 2, at + 2, actor="ada")
        assert (fields(title_id), sheet.title_sheet(title_id).edited) == (edited, mine), changes
        editing.undo(title_id, at + 3, at + 3, actor="bo")
    assert fields(title_id) == before
    for version_, refusal in ((1, Conflict), (9999, NotFound)):  # the delivery; nothing
        with pytest.raises(refusal):
            editing.undo(title_id, version(title_id), version_, actor="bo")


def test_what_a_sidecar_may_not_say_an_edit_may_not(deliver: Deliver, tmp_path: Path) -> None:
    folder, title_id = tmp_path / "the-lantern", deliver()
    folder.mkdir()
    before = fields(title_id)
    for changes in BROKEN:
        texts, whole = changes.get("texts", {}), SIDECAR | changes
        if texts and isinstance(texts, dict):
            whole["texts"] = SIDECAR["texts"] | texts
        elif texts == {} and "texts" in changes:
            changes = {"texts": dict.fromkeys(SIDECAR["texts"])}
        (folder / "title.yaml").write_text(yaml.safe_dump(whole, allow_unicode=True))
        with pytest.raises(DeliveryRefused) as refused:
            load_sidecar(folder)
        with pytest.raises(InvalidInput) as told:
            editing.edit(title_id, 1, changes, actor="ada")
        place = refused.value.where.removeprefix("title.yaml").removeprefix(": ")
        assert (told.value.where, told.value.what) == (place, refused.value.what)
    assert (fields(title_id), version(title_id)) == (before, 1)


def test_what_files_are_is_not_edited(deliver: Deliver) -> None:
    title_id = deliver()
    for name in ("slug", "media", "audio", "subtitles", "silent", "artwork"):
        with pytest.raises(InvalidInput, match="not a field"):
            editing.edit(title_id, 1, {name: "x"}, actor="ada")


def test_of_two_editors_one_wins_and_nothing_of_hers_is_lost(deliver: Deliver) -> None:
    title_id = deliver()

    def save(year: int) -> int | None:
        try:
            editing.edit(title_id, 1, {"year": year}, actor=str(year))
        except Outdated:
            return None
        return year

    with ThreadPoolExecutor(8) as pool:
        saved = [year for year in pool.map(save, range(2000, 2008)) if year]
    assert len(saved) == 1
    assert (fields(title_id)["year"], version(title_id)) == (saved[0], 2)
    editing.edit(title_id, 2, {"genres": ["noir"]}, actor="bo")
    assert fields(title_id)["year"] == saved[0]


def test_marks_lie_within_the_film(deliver: Deliver) -> None:
    title_id = deliver()
    with pytest.raises(InvalidInput, match="after the end") as told:
        editing.edit(title_id, 1, {"marks": {"credits_start_s": 601}}, actor="ada")
    assert told.value.where == "marks.credits_start_s"
    unpublished = deliver("another", publish=False)
    with pytest.raises(InvalidInput, match="published"):
        editing.edit(unpublished, 1, {"marks": {"credits_start_s": 1}}, actor="ada")


def test_a_later_delivery_leaves_what_people_have_edited(deliver: Deliver) -> None:
    title_id = deliver()
    editing.edit(title_id, 1, {"year": 2001, "texts": {"de": {"title": "Das Licht"}, "fr": None}}, actor="ada")
    texts = {"en": {"title": "Lantern"}, "de": {"title": "Laterne"}, "fr": {"title": "Lanterne"}}
    assert deliver(texts=texts, year=2005, genres=["noir"], plan="plan-b") == title_id
    now = fields(title_id)
    assert (now["year"], now["genres"]) == (2001, ["noir"])
    assert {name: text["title"] for name, text in now.items() if name.startswith("texts.")} == {
        "texts.en": "Lantern",
        "texts.de": "Das Licht",
        "texts.fr": "Lanterne",  # taking out what is not there is no edit
    }
    editing.undo(title_id, version(title_id), 2, actor="ada")
    undone = fields(title_id)
    assert (undone["year"], undone["texts.de"]["title"]) == (2005, "Laterne")
    assert sheet.title_sheet(title_id).edited == ()


def test_what_a_person_has_made_a_trailer_no_delivery_makes_an_episode(deliver: Deliver) -> None:
    title_id, episode = deliver(), {"series": "lights", "season": 1, "number": 2}
    editing.edit(title_id, 1, {"trailer_of": "another-lantern"}, actor="ada")
    deliver(kind="episode", episode=episode, plan="plan-b")
    assert (fields(title_id)["trailer_of"], fields(title_id)["episode"]) == ("another-lantern", None)
    editing.undo(title_id, version(title_id), 2, actor="ada")
    assert (fields(title_id)["trailer_of"], fields(title_id)["episode"]) == (None, episode)
    editing.edit(title_id, version(title_id), {"kind": "trailer", "trailer_of": "another-lantern"}, actor="ada")
    assert fields(title_id)["episode"] is None
    deliver(plan="plan-c")
    editing.edit(title_id, version(title_id), {"kind": "film"}, actor="ada")
    assert sheet.title_sheet(title_id).description.kind == "film"


def test_the_text_of_the_original_language_is_never_lost(deliver: Deliver) -> None:
    title_id = deliver()
    editing.edit(title_id, 1, {"original_language": "de"}, actor="ada")
    deliver(texts={"en": {"title": "Lantern"}}, plan="plan-b")
    assert sheet.title_sheet(title_id).name == "Die Laterne"


def test_a_person_s_marks_belong_to_the_film(deliver: Deliver) -> None:
    title_id = deliver()
    editing.edit(title_id, 1, {"marks": {"credits_start_s": 500}}, actor="ada")
    deliver(source="b" * 64, plan="plan-b", marks={"credits_start_s": 570})
    assert fields(title_id)["marks"]["credits_start_s"] == 570
    with pytest.raises(Conflict, match="another film"):
        editing.undo(title_id, version(title_id), 2, actor="ada")
    with begin() as session:
        first = releases.previous(session, title_id).id
        releases.point(session, first, action="rollback", actor="test")
    assert fields(title_id)["marks"]["credits_start_s"] == 500
    deliver(plan="plan-c", year=2020, marks={"credits_start_s": 590})  # the first film again
    assert fields(title_id)["marks"]["credits_start_s"] == 500


def test_a_title_from_before_versions_is_undone_too(deliver: Deliver) -> None:
    title_id = deliver()
    with begin() as session:
        titles.get(session, title_id).delivered = None
        session.delete(title_versions.get(session, title_id, 1))
    before = fields(title_id)
    editing.edit(title_id, 1, {"year": 2001, "marks": {"credits_start_s": 1}}, actor="ada")
    editing.undo(title_id, 2, 2, actor="ada")
    assert fields(title_id) == before
