"""Bulk import: the dry run and the run agree, and however often it is killed and run again nothing comes twice."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from marquee.catalogue.database import begin
from marquee.catalogue.models import DeliveryRow
from marquee.content.delivery.bulk import tree
from marquee.content.delivery.sidecar import load_sidecar
from marquee.content.pipeline import arrivals, imports, ingest
from marquee.contracts.errors import Conflict, InvalidInput
from marquee.settings import settings
from tests.conftest import MakeClip

pytestmark = pytest.mark.usefixtures("catalogue")

SRT = "1\n00:00:00,000 --> 00:00:01,000\nHello\n"
TREE = {
    "Metropolis (1927)/Metropolis (1927).mkv": "film",
    "Metropolis (1927)/Metropolis (1927).de.srt": SRT,
    "Metropolis (1927)/Metropolis (1927).en.forced.srt": SRT,
    "Metropolis (1927)/poster.jpg": "picture",
    "Metropolis (1927)/movie.nfo": "<movie><plot>A city.</plot><genre>Science Fiction</genre></movie>",
    "Metropolis (1927)/Extras/Making of.mkv": "x",
    "Loose (1930).mp4": "film",
    "The Lighthouse (2001)/tvshow.nfo": "<tvshow><genre>Drama</genre></tvshow>",
    "The Lighthouse (2001)/Season 01/The Lighthouse S01E01 - The Keeper.mkv": "one",
    "The Lighthouse (2001)/Season 01/The Lighthouse S01E02.mkv": "two",
    "The Lighthouse (2001)/Season 01/The Lighthouse S01E02.nfo": "<episodedetails><title>Fog</title></episodedetails>",
    "The Lighthouse (2001)/Season 01/The Lighthouse S01E03E04.mkv": "x",
    "No Year.mkv": "x",
    "Twice (1931)/Twice (1931) - a.mkv": "x",
    "Twice (1931)/Twice (1931) - b.mkv": "y",
    "Empty (1932).mkv": "",
    "Bomb (1933).mkv": "x",
    "Bomb (1933).nfo": '<!DOCTYPE m [<!ENTITY a "a">]><movie>&a;</movie>',
    "Disc (1934).iso": "x",
    "notes.txt": "x",
    ".hidden (1935).mkv": "x",
}
TAKEN = ["loose-1930", "metropolis-1927", "the-lighthouse-s01e01", "the-lighthouse-s01e02"]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    root = tmp_path / "library"
    for name, content in TREE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    (root / "Linked (1936).mkv").symlink_to("/etc/passwd")
    (root / "linked").symlink_to("/etc")
    return root


def delivered() -> list[str]:
    return sorted(slug for slug, _ in arrivals.ready())


def test_the_dry_run_says_what_the_run_does_and_changes_nothing(library: Path) -> None:
    told = imports.dry_run(library)
    assert sorted(line.slug for line in told.taken) == TAKEN
    assert not settings().inbox.exists()
    assert imports.run(library) == told
    assert delivered() == TAKEN
    assert imports.dry_run(library).taken == []
    why = {line.source.rpartition("/")[2]: line.reason for line in told.lines if not line.taken}
    for name, word in (
        ("Making of.mkv", "extra"),
        ("The Lighthouse S01E03E04.mkv", "several episodes"),
        ("No Year.mkv", "year"),
        ("Twice (1931) - a.mkv", "one title"),
        ("Twice (1931) - b.mkv", "one title"),
        ("Empty (1932).mkv", "empty"),
        ("Bomb (1933).mkv", "DTD"),
        ("Disc (1934).iso", "disc"),
        ("Linked (1936).mkv", "link"),
        ("linked", "link"),
    ):
        assert word in why.pop(name), name
    assert why == {}


def test_what_is_delivered_is_what_names_and_nfo_say(library: Path) -> None:
    imports.run(library, language="de")
    film = load_sidecar(settings().inbox / "metropolis-1927")
    assert (film.name, film.year, film.genres) == ("Metropolis", 1927, ("science-fiction",))
    assert film.texts["de"].synopsis == "A city."
    assert {(t.language, t.kind) for t in film.subtitles} == {("de", "full"), ("en", "forced")}
    assert film.artwork == {"poster": "poster.jpg"}
    one, two = (load_sidecar(settings().inbox / f"the-lighthouse-s01e0{n}") for n in (1, 2))
    assert (one.name, two.name, one.year, one.genres) == ("The Keeper", "Fog", 2001, ("drama",))
    assert one.episode
    assert (one.episode.series, one.episode.season, one.episode.number) == ("the-lighthouse", 1, 1)
    assert (settings().inbox / "loose-1930" / "Loose (1930).mp4").read_text() == "film"


KILLED = """
import os, sys
from pathlib import Path
from marquee.content.delivery import compose
from marquee.content.pipeline import imports
left, copy = int(sys.argv[2]), compose.shutil.copyfile

def dying(source, target, **more):
    global left
    left -= 1
    if left < 0:
        with open(target, "w") as half:
            half.write("ha")
        os.kill(os.getpid(), 9)
    return copy(source, target, **more)

compose.shutil.copyfile = dying
imports.run(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("files", [0, 5])
def test_a_run_that_is_killed_leaves_no_half_and_the_next_one_ends_it(library: Path, files: int) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(library), str(files)], env=os.environ)
    assert done.returncode == -9
    before = delivered()
    for slug in before:
        folder = settings().inbox / slug
        named = load_sidecar(folder)
        assert (folder / named.media).read_text() in ("film", "one", "two")
    again = imports.run(library)
    assert sorted(line.slug for line in again.taken) == sorted(set(TAKEN) - set(before))
    assert delivered() == TAKEN


def test_what_was_taken_or_refused_does_not_come_again_and_what_has_changed_does(
    tmp_path: Path, make_clip: MakeClip
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    good, bad = library / "Good (2001).mp4", library / "Bad (2001).mp4"
    good.write_bytes(make_clip("film.mp4", seconds=1, size="64x64").read_bytes())
    bad.write_text("#EXTM3U\n")
    assert len(imports.run(library).taken) == 2
    ingest.ingest("good-2001")
    with pytest.raises(Exception, match="media"):
        ingest.ingest("bad-2001")
    again = imports.run(library)
    assert {line.slug: line.reason for line in again.lines} == {
        "good-2001": "it was delivered before",
        "bad-2001": "it was refused before: see Titles",
    }
    assert delivered() == []
    (library / "Good (2001).nfo").write_text("<movie><plot>More is said.</plot></movie>")
    assert [line.slug for line in imports.run(library).taken] == ["good-2001"]
    with begin() as session:
        assert session.query(DeliveryRow).count() == 2


def test_at_most_so_many_are_taken_and_the_rest_another_time(library: Path) -> None:
    first = imports.run(library, at_most=3)
    assert len(first.taken) == len(delivered()) == 3
    assert [line.reason for line in first.lines if line.reason.startswith("not now")] != []
    assert len(imports.run(library, at_most=3).taken) == 1
    assert delivered() == TAKEN


def test_two_imports_do_not_run_at_once(library: Path) -> None:
    with imports._alone(), pytest.raises(Conflict, match="another import"):
        imports.run(library)


def test_a_full_disk_takes_what_fits_and_says_so(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "RESERVE", 1 << 62)
    report = imports.run(library)
    assert report.taken == []
    assert sum("no room" in line.reason for line in report.lines) == len(TAKEN)
    assert delivered() == []


def test_more_files_than_any_library_has_are_refused(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MAX_ENTRIES", 5)
    for call in (imports.dry_run, imports.run):
        with pytest.raises(InvalidInput, match="too many files"):
            call(library)
    assert delivered() == []


Table = Callable[..., Path]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """A table of these lines beside film.mkv, film.en.srt and a link."""

    folder = tmp_path / "tables"
    folder.mkdir()

    def make(*lines: str, head: str = "media,title,year", encoding: str = "utf-8") -> Path:
        (folder / "film.mkv").write_text("film")
        (folder / "film.en.srt").write_text(SRT)
        (folder / "poster.png").write_text("x")
        (folder / "link.mkv").symlink_to("/etc/passwd")
        path = folder / "titles.csv"
        path.write_bytes("\n".join([head, *lines, ""]).encode(encoding))
        return path

    return make


def test_a_table_says_all_that_title_yaml_can_say_of_a_title(table: Table) -> None:
    head = "media;title;year;slug;genres;countries;directors;actors;subtitles;poster;maturity_rating;synopsis"
    line = 'film.mkv;Größe;2001;big;Science Fiction|drama;DE|FR;Ada;"Max|Eva";en=film.en.srt;poster.png;12;"One; two."'
    head, line = f"{head};original_language", f"{line};de"
    report = imports.run(table(line, head=head, encoding="utf-8-sig"))
    assert [line.reason for line in report.lines] == [""]
    found = load_sidecar(settings().inbox / "big")
    assert (found.name, found.original_language, found.texts["de"].synopsis) == ("Größe", "de", "One; two.")
    assert (found.genres, found.countries) == (("science-fiction", "drama"), ("DE", "FR"))
    assert [(c.name, c.role) for c in found.credits] == [("Ada", "director"), ("Max", "actor"), ("Eva", "actor")]
    assert [t.file for t in found.subtitles] == ["film.en.srt"]
    assert yaml.safe_load((settings().inbox / "big" / "title.yaml").read_text())["artwork"] == {"poster": "poster.png"}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("../film.mkv,A,2001", "relative path"),
        ("/etc/passwd,A,2001", "relative path"),
        ("..\\film.mkv,A,2001", "relative path"),
        ("link.mkv,A,2001", "links"),
        ("none.mkv,A,2001", "not there"),
        ("film.mkv,A,soon", "whole number"),
        ("film.mkv,A,1700", "1874"),
        ("film.mkv,,2001", "nothing is said"),
        ("film.mkv,A", "fields"),
        ("film.mkv,A,2001,more", "fields"),
    ],
)
def test_a_line_that_does_not_hold_is_told_and_stops_no_other(table: Table, line: str, why: str) -> None:
    path = table(line, "film.mkv,B,2001")
    told = imports.dry_run(path)
    assert [each.taken for each in told.lines] == [False, True]
    assert why in told.lines[0].reason
    assert imports.run(path) == told
    assert delivered() == ["b-2001"]


@pytest.mark.parametrize(
    ("head", "encoding", "why"),
    [
        ("media,title", "utf-8", "missing"),
        ("media,title,year,colour", "utf-8", "known column"),
        ("media,title,year,year", "utf-8", "twice"),
        ("media,title,year,Ä", "latin-1", "UTF-8"),
        ("", "utf-8", "missing"),
    ],
)
def test_a_table_that_is_none_is_refused_whole(table: Table, head: str, encoding: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        imports.dry_run(table("film.mkv,A,2001", head=head, encoding=encoding))


@pytest.mark.parametrize("slug", ["../x", "a/b", ".", "", "A"])
def test_a_slug_of_a_table_is_no_path(table: Table, slug: str, tmp_path: Path) -> None:
    path = table(f"film.mkv,A,2001,{slug}", head="media,title,year,slug")
    expected = ["a-2001"] if not slug else []
    assert [line.slug for line in imports.run(path).taken] == expected
    assert not list(tmp_path.rglob("x"))


def test_the_desk_imports_from_its_folder_alone(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput, match="no folder"):
        imports.below_import_path(".")
    monkeypatch.setenv("MARQUEE_IMPORT_PATH", str(library))
    settings.cache_clear()
    assert imports.sources() == ["Metropolis (1927)", "The Lighthouse (2001)", "Twice (1931)"]
    assert imports.below_import_path("Twice (1931)") == library / "Twice (1931)"
    for name in ("..", "/etc", "linked", "Metropolis (1927)/Extras", "", "Loose (1930).mp4"):
        with pytest.raises(InvalidInput):
            imports.below_import_path(name)
