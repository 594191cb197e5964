import pytest

from marquee.content.delivery.bulk import nfo
from marquee.contracts.errors import InvalidInput

MOVIE = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<movie>
  <title>Die Laterne</title><plot>Eine Nacht.</plot><premiered>1999-03-01</premiered>
  <genre>Drama / Silent Film</genre><genre>Drama</genre><mpaa>Rated PG-13</mpaa>
  <director>Ada Beispiel</director><credits>Eva Wort</credits>
  <actor><name>Max Muster</name><role>The keeper</role></actor><actor><role>nobody</role></actor>
</movie>
https://www.imdb.com/title/tt0000000/
"""


def test_a_film() -> None:
    assert nfo.read(MOVIE.encode(), "a.nfo") == {
        "title": "Die Laterne",
        "synopsis": "Eine Nacht.",
        "year": 1999,
        "genres": ["drama", "silent-film"],
        "maturity_rating": "12",
        "credits": [
            {"name": "Ada Beispiel", "role": "director"},
            {"name": "Eva Wort", "role": "writer"},
            {"name": "Max Muster", "role": "actor", "character": "The keeper"},
        ],
    }


@pytest.mark.parametrize(
    ("label", "age"), [("Germany:FSK 16", None), ("US:R", "16"), ("DE:FSK-16", "16"), ("TV-Y7", "6"), ("Rated X", "18")]
)
def test_ratings(label: str, age: str | None) -> None:
    found = nfo.read(f"<movie><mpaa>{label}</mpaa></movie>".encode(), "a.nfo")
    assert found.get("maturity_rating") == age


def test_an_address_alone_says_nothing() -> None:
    assert nfo.read(b"https://www.themoviedb.org/movie/1", "a.nfo") == {}
    assert nfo.read(
        b"\xef\xbb\xbf<episodedetails><season>1</season><episode>2</episode></episodedetails>", "a.nfo"
    ) == {
        "season": 1,
        "number": 2,
    }


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE movie [<!ENTITY a "a">]><movie><title>&a;</title></movie>',
        b'<!DOCTYPE movie SYSTEM "http://127.0.0.1/x.dtd"><movie/>',
        b"<movie><title>cut",
        b"<html></html>",
        b"<",
    ],
)
def test_what_is_not_sound_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        nfo.read(content, "a.nfo")
