"""Arithmetic of amounts: laws on any numbers."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from api.billing_sandbox.amounts import divide, money, percentage, spread
from api.billing_sandbox.periods import boundary, end_of

AMOUNTS = st.integers(-(10**9), 10**9)


@given(AMOUNTS, st.integers(1, 10**7))
def test_division_is_near_and_the_same_on_both_sides_of_zero(numerator: int, denominator: int) -> None:
    quotient = divide(numerator, denominator)
    assert divide(-numerator, denominator) == -quotient
    assert abs(Fraction(numerator, denominator) - quotient) <= Fraction(1, 2)


def test_halves_go_away_from_zero() -> None:
    assert [divide(number, 2) for number in (-3, -1, 1, 3)] == [-2, -1, 1, 2]
    assert [percentage(amount, "8.1") for amount in (1000, -1000, 50)] == [81, -81, 4]


@given(AMOUNTS, st.lists(st.integers(0, 10**7), min_size=1, max_size=9))
def test_parts_add_up(total: int, weights: list[int]) -> None:
    parts = spread(total, weights)
    assert sum(parts) == (total if sum(weights) else 0)
    assert all(not part for part, weight in zip(parts, weights, strict=True) if not weight)


@given(st.integers(0, 2**32), st.sampled_from(("day", "week", "month", "year")), st.integers(1, 12))
def test_a_period_ends_where_the_next_begins(anchor: int, interval: str, count: int) -> None:
    recurring = {"interval": interval, "interval_count": count}
    start = anchor
    for number in range(1, 15):
        start = end_of(anchor, recurring, start)
        assert start == boundary(anchor, recurring, number) == end_of(anchor, recurring, start - 1)


def test_amounts_as_people_write_them() -> None:
    assert [money(-5, "eur"), money(1299, "usd"), money(890, "jpy")] == ["-0.05 EUR", "12.99 USD", "890 JPY"]
