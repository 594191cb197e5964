import pytest

from marquee.discovery.misses import counted


def test_queries_are_counted_by_their_folded_words() -> None:
    assert counted("  Café  NOIR! ") == counted("cafe noir") == "cafe noir"


@pytest.mark.parametrize("query", ["ada@example.org", "+49 170 1234567", "4111 1111 1111 1111", "?", "x", "a" * 80])
def test_what_could_name_somebody_or_says_nothing_is_not_counted(query: str) -> None:
    assert counted(query) is None
