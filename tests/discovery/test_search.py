"""The index in memory, without a database."""

from random import Random

import pytest

from marquee.contracts.entitlement import Viewpoint
from marquee.discovery.search import folding
from marquee.discovery.search.document import Credited, SearchDocument
from marquee.discovery.search.index import SearchIndex
from marquee.discovery.search.queries import Match, Narrowed
from marquee.discovery.search.searching import Asked, Found, search
from marquee.discovery.search.suggesting import SuggestionKind, suggestions


def document(title_id: int, *names: str, **values: object) -> SearchDocument:
    fields = {
        "synopses": (),
        "credits": (),
        "genres": ("drama",),
        "kind": "film",
        "language": "en",
        "year": 1999,
        "rating": "all",
        "series": None,
        "places": frozenset("*"),
    }
    return SearchDocument(title_id=title_id, names=dict(zip("abcdef", names, strict=False)), **fields | values)


TITLES = [
    document(1, "Captain Future", "Käpt'n Zukunft", credits=(Credited(7, "Akira Tanabe", "Otho the android"),)),
    document(2, "Kites over Osaka", "大阪のカイト", "Воздушный змей", credits=(Credited(8, "Yuki Tanabe"),)),
    document(3, "Spider-Man at the Café", genres=("science-fiction",), rating="16", year=1985),
    document(4, "Catching Thunder", synopses=("A lighthouse keeper waits.",), places=frozenset({"DE"})),
    document(5, "The Lantern", popularity=0.1),
    document(6, "The Lantern", popularity=1.0),
    document(7, "The Lantern Keeper of the Northern Sea", series="coast-tales"),
]
IDS = {title.title_id for title in TITLES}


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    made = SearchIndex()
    made.change(TITLES)
    return made


def found(index: SearchIndex, query: str, view: Viewpoint | None = None, **more: object) -> Found:
    return search(index, Asked(query, view or Viewpoint(), **more), allowed=IDS, facets=True)


def ids(answer: Found) -> list[int]:
    return [each.title_id for each in answer.titles]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("captian", 1),
        ("captian future", 1),
        ("kaeptn", 1),
        ("otho", 1),
        ("akira captain", 1),
        ("osaka kites", 2),
        ("tanabe kites", 2),
        ("大阪", 2),
        ("kaito", 2),
        ("vozdushny", 2),
        ("ВОЗДУШНЫЙ", 2),
        ("cafe", 3),
        ("spiderman", 3),
        ("spider man", 3),
        ("science fiction", 3),
        ("lante", 6),
        ("coast tales", 7),
        ("keeper lantern", 7),
    ],
)
def test_the_title_that_is_meant_comes_first(index: SearchIndex, query: str, first: int) -> None:
    assert ids(found(index, query))[0] == first


def test_any_one_typo_in_a_word_of_five_letters_is_forgiven(index: SearchIndex) -> None:
    by = Random(1)
    for word in ("captain", "future", "kites", "osaka", "spider"):
        for n in range(1, len(word)):
            letter = by.choice("abcdefghijklmnopqrstuvwxyz")
            swapped = word[: n - 1] + word[n] + word[n - 1] + word[n + 1 :]
            for typed in (
                word[:n] + letter + word[n:],
                word[:n] + word[n + 1 :],
                word[:n] + letter + word[n + 1 :],
                swapped,
            ):
                (title,) = [t for t in TITLES if any(word in name.lower() for name in t.names.values())]
                assert title.title_id in ids(found(index, typed)), typed


def test_an_exact_name_comes_before_a_longer_one_and_the_popular_before_the_unknown(index: SearchIndex) -> None:
    assert ids(found(index, "the lantern")) == [6, 5, 7]


def test_what_a_profile_likes_comes_first_among_equals() -> None:
    index = SearchIndex()
    index.change([document(1, "Night Train", genres=("crime",)), document(2, "Night Plane", genres=("comedy",))])
    for tastes in ("crime", "comedy"):
        order = search(index, Asked("night", Viewpoint(), tastes=frozenset({tastes})), allowed={1, 2}).titles
        assert index.entries[order[0].title_id].facets[0] == (tastes,)


def test_a_better_spelling_is_told_only_where_there_is_one(index: SearchIndex) -> None:
    assert found(index, "captian futrue").did_you_mean == "captain future"
    assert found(index, "captain future").did_you_mean is None
    assert found(index, "spiderman").did_you_mean is None


def test_how_the_query_was_understood_is_told(index: SearchIndex) -> None:
    assert found(index, "captain").match is Match.WORDS
    assert found(index, "captian").match is Match.TYPOS
    assert found(index, "captain qqqqqq").match is Match.SOME_WORDS
    assert ids(found(index, "qqqqqq")) == []
    assert ids(found(index, "?!")) == []


@pytest.mark.parametrize(
    ("view", "seen"),
    [
        (Viewpoint(), IDS - {4}),
        (Viewpoint("DE"), IDS),
        (Viewpoint("DE", 12), IDS - {3}),
        (Viewpoint("US", 0), IDS - {3, 4}),
    ],
)
def test_titles_totals_and_facets_are_of_what_is_seen(index: SearchIndex, view: Viewpoint, seen: set[int]) -> None:
    told = set()
    for query in ("captain", "kites", "spider", "catching", "lantern", "drama", "science", "tanabe", "a"):
        answer = found(index, query, view)
        told |= set(ids(answer))
        assert answer.total == len(answer.titles) == sum(answer.facets.get("kind", {}).values())
        fewer = found(index, query, view, most=1)  # the index counts then
        if answer.match is fewer.match is Match.WORDS and len(answer.titles) > 2:
            assert (fewer.total, fewer.facets) == (answer.total, answer.facets)
        assert all(count <= len(seen) for counts in answer.facets.values() for count in counts.values())
    assert told == seen


def test_hidden_titles_and_other_values_of_a_facet_are_left_out(index: SearchIndex) -> None:
    assert ids(found(index, "lantern", hidden=frozenset({6, 5}))) == [7]
    assert ids(found(index, "spider", narrowed=Narrowed(decade="1980"))) == [3]
    assert ids(found(index, "spider", narrowed=Narrowed(genre="drama"))) == []


def test_what_the_caller_does_not_allow_is_never_told(index: SearchIndex) -> None:
    answer = search(index, Asked("lantern", Viewpoint()), allowed={5}, facets=True)
    assert (ids(answer), answer.total, answer.facets["kind"]) == ([5], 1, {"film": 1})


def test_changes_are_seen_and_an_older_searcher_stays_as_it_was() -> None:
    index = SearchIndex()
    index.change([document(1, "Old Name"), document(2, "Old Other")])
    before = index.searcher()
    index.change([document(1, "New Name"), document(3, "New Third")], gone={2})
    assert (before.num_docs, index.searcher().num_docs, len(index)) == (2, 2, 2)
    allowed = {1, 2, 3}
    assert {each.title_id for each in search(index, Asked("new", Viewpoint()), allowed=allowed).titles} == {1, 3}
    assert search(index, Asked("other", Viewpoint()), allowed=allowed).titles == ()


def test_what_is_kept_of_short_queries_is_of_the_viewpoint_and_of_the_present_state() -> None:
    index = SearchIndex()
    index.change(TITLES)
    for _ in range(2):
        assert ids(found(index, "lan")) == [6, 5, 7]
        assert ids(found(index, "cat", Viewpoint("DE"))) == [4]
        assert 4 not in ids(found(index, "cat"))
        assert 3 not in ids(found(index, "spi", Viewpoint(age=12)))
        assert ids(found(index, "spi")) == [3]
        assert ids(found(index, "lan", hidden=frozenset({6}))) == [5, 7]
        assert ids(search(index, Asked("lan", Viewpoint()), allowed={5})) == [5]
    index.change([document(8, "The Lanes")], gone=[6])
    assert set(ids(search(index, Asked("lan", Viewpoint()), allowed=IDS | {8}))) == {5, 7, 8}


def test_the_next_reading_is_tried_until_enough_is_found() -> None:
    index = SearchIndex()
    index.change([document(1, "Captain Future"), document(2, "Captaim Past")])
    assert ids(found(index, "captain")) == [1, 2]
    assert ids(found(index, "captain", enough=1)) == [1]


@pytest.mark.parametrize("letters", range(1, 5))
def test_titles_are_found_by_the_beginning_of_each_word(index: SearchIndex, letters: int) -> None:
    for title in TITLES:
        people = [word for credited in title.credits for word in (credited.name, credited.character or "")]
        words = {word for text in (*title.names.values(), *title.genres, *people) for word in folding.words(text)}
        for word in words:
            view = Viewpoint(min(title.places))
            assert title.title_id in ids(found(index, word[:letters], view)), word[:letters]


def test_an_index_made_anew_answers_the_same(index: SearchIndex) -> None:
    again = SearchIndex()
    for title in reversed(TITLES):  # in another order, and one by one
        again.change([title])
    for query in ("lantern", "tanabe", "captian", "a", "drama"):
        assert found(again, query) == found(index, query)


def test_places_stay_when_titles_are_added(index: SearchIndex) -> None:
    grown = SearchIndex()
    grown.change([*TITLES, *(document(100 + n, f"Lantern Number {n}") for n in range(20))])
    before = {each.title_id: each.key for each in found(index, "lantern").titles}
    after = search(grown, Asked("lantern", Viewpoint()), allowed=IDS | set(range(100, 120))).titles
    assert before.items() <= {each.title_id: each.key for each in after}.items()


def test_suggestions_are_people_genres_and_titles() -> None:
    index = SearchIndex()
    index.change(TITLES)

    def told(query: str) -> list[tuple[SuggestionKind, int, str]]:
        asked = Asked(query, Viewpoint(), most=30)
        made = suggestions(index, asked, search(index, asked, allowed=IDS), ["drama", "science-fiction"], 8)
        return [(each.kind, each.id, each.text) for each in made]

    assert told("tan")[0] == (SuggestionKind.PERSON, 7, "Akira Tanabe")
    assert (SuggestionKind.PERSON, 8, "Yuki Tanabe") in told("yuki tanbe")
    assert told("sci")[0] == (SuggestionKind.GENRE, 0, "science-fiction")
    assert told("capt") == [(SuggestionKind.TITLE, 1, "")]
    assert told("qqq") == told("") == []
