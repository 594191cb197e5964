import pytest

from marquee.content.delivery.bulk.candidate import episode_slug, film_slug
from marquee.content.delivery.bulk.names import Named, Numbered, Track, named, numbered, season_folder, track, why_not


@pytest.mark.parametrize(
    ("stem", "title", "year"),
    [
        ("Metropolis (1927)", "Metropolis", 1927),
        ("Metropolis (1927) - 1080p", "Metropolis", 1927),
        ("Metropolis (1927) {imdb-tt0017136} [restored]", "Metropolis", 1927),
        ("2001 A Space Odyssey (1968)", "2001 A Space Odyssey", 1968),
        ("The.General.(1926)", "The General", 1926),
        ("Amélie [2001]", "Amélie", 2001),
        ("Holiday Video", "Holiday Video", 0),
        ("Mr. Bean (1997)", "Mr. Bean", 1997),
        ("(1999)", "", 1999),
    ],
)
def test_films(stem: str, title: str, year: int) -> None:
    assert named(stem) == Named(title, year)
    assert numbered(stem) is None


@pytest.mark.parametrize(
    ("stem", "found"),
    [
        ("Show S01E02", Numbered(1, 2, "", False)),
        ("Show - s01e02 - The Keeper", Numbered(1, 2, "The Keeper", False)),
        ("Show.S01E02.The.Keeper", Numbered(1, 2, "The Keeper", False)),
        ("Show (2001) S2024E123 - One (1080p)", Numbered(2024, 123, "One", False)),
        ("Show 1x02 - Two", Numbered(1, 2, "Two", False)),
        ("Show S00E01", Numbered(0, 1, "", False)),
        ("Show S01E02E03", Numbered(1, 2, "", True)),
        ("Show S01E02-E03", Numbered(1, 2, "", True)),
        ("Show S01E02-03", Numbered(1, 2, "", True)),
        ("Show S01E02-1080p", Numbered(1, 2, "1080p", False)),
        ("Apollo 11 1920x1080", None),
        ("S.O.S. Eisberg", None),
    ],
)
def test_episodes(stem: str, found: Numbered | None) -> None:
    assert numbered(stem) == found


@pytest.mark.parametrize(
    ("name", "season"),
    [
        ("Season 01", 1),
        ("season 12", 12),
        ("Staffel 3", 3),
        ("Specials", 0),
        ("Extras", None),
        ("Season of Love", None),
    ],
)
def test_folders_of_seasons(name: str, season: int | None) -> None:
    assert season_folder(name) == season


@pytest.mark.parametrize(
    ("ending", "found"),
    [
        ("", Track("", "full")),
        (".en", Track("en", "full")),
        (".eng.forced", Track("en", "forced")),
        (".forced.de", Track("de", "forced")),
        (".pt-BR.sdh", Track("pt-BR", "sdh")),
        (".en.hi", Track("en", "sdh")),
        (".hi", Track("hi", "full")),
        (".commentary", Track("", "full")),
    ],
)
def test_endings_of_subtitles(ending: str, found: Track) -> None:
    assert track(ending) == found


@pytest.mark.parametrize(
    ("stem", "folders"),
    [
        ("Name-trailer", ()),
        ("Name (2001)-sample", ()),
        ("Making of", ("Name (2001)", "Extras")),
        ("Name (2001) - cd1", ()),
        ("Name part2", ()),
    ],
)
def test_what_is_no_film_of_its_own(stem: str, folders: tuple[str, ...]) -> None:
    assert why_not(stem, folders)
    assert not why_not("Name (2001)", ("Name (2001)",))


def test_slugs_of_any_script() -> None:
    assert film_slug("Größe & Ende", 2001) == "grosse-ende-2001"
    assert film_slug("Сталкер", 1979) == "stalker-1979"
    assert episode_slug("The Lighthouse", 1, 2) == "the-lighthouse-s01e02"
