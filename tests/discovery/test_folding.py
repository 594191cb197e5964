import pytest

from marquee.discovery.search.folding import asked_words, joined, letters, variants, words


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Café", "cafe"),
        ("Café", "CAFÉ"),  # composed and decomposed
        ("Straße", "STRASSE"),
        ("Spider-Man", "spider man"),
        ("Ocean's Eleven", "oceans eleven"),
        ("L’été", "lete"),
        ("Łódź", "lodz"),
        ("Ёжик", "ежик"),
        ("Капитан", "kapitan"),
        ("カイト", "かいと"),
        ("ｆｉｌｍ", "film"),
        ("100% Rain", "100 rain"),
    ],
)
def test_what_people_type_folds_to_what_is_written(written: str, typed: str) -> None:
    assert words(written) == words(typed) != []


def test_folding_again_changes_nothing() -> None:
    for text in ("Käpt'n Ёжик – 大阪のカイト, Señor №7", "Ångström & Søn", "ﬁn"):
        assert words(" ".join(words(text))) == words(text)


def test_chinese_characters_stand_alone_and_kana_is_split_by_script() -> None:
    assert words("大阪のカイト") == ["大", "阪", "の", "かいと"]
    assert variants("大阪のカイト") == ["no", "kaito"]


def test_kana_are_syllables() -> None:
    assert (letters("かいと"), letters("kaito"), letters("阪")) == (6, 5, 1)


def test_umlauts_are_found_as_german_keyboards_write_them() -> None:
    assert words("Käpt'n Übermut") == ["kaptn", "ubermut"]
    assert variants("Käpt'n Übermut") == ["kaeptn", "uebermut"]
    assert variants("Captain") == []


def test_neighbours_are_joined() -> None:
    assert joined(words("Spider-Man at Home")) == ["spiderman", "manat", "athome"]
    assert joined(["one"]) == []


def test_a_query_without_words_has_none_and_a_long_one_is_cut() -> None:
    assert asked_words("!? %") == ()
    assert len(asked_words("word " * 50)) == 12
