import pytest

from marquee.discovery.misses import BITS, asker_bit, counted


def test_queries_are_counted_by_their_folded_words() -> None:
    assert counted("  Café  NOIR! ") == counted("cafe noir") == "cafe noir"


@pytest.mark.parametrize("query", ["ada@example.org", "+49 170 1234567", "4111 1111 1111 1111", "?", "x", "a" * 80])
def test_what_could_name_somebody_or_says_nothing_is_not_counted(query: str) -> None:
    assert counted(query) is None


def test_who_asks_sets_one_bit_which_leads_back_to_nobody() -> None:
    bits = [asker_bit("zeppelin", f"account {n}", "key") for n in range(2_000)]
    assert bits == [asker_bit("zeppelin", f"account {n}", "key") for n in range(2_000)]
    assert {bit.bit_count() for bit in bits} == {1}
    assert len(set(bits)) == BITS  # some thirty of these share each
    assert max(bits) < 1 << 63
    for other in (
        [asker_bit("osaka", f"account {n}", "key") for n in range(2_000)],
        [asker_bit("zeppelin", f"account {n}", "another key") for n in range(2_000)],
    ):
        assert sum(a == b for a, b in zip(bits, other, strict=True)) < 100
