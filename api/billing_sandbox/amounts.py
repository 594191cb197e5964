"""Arithmetic on whole minor units of a currency; no floats, and nothing lost in parts."""

from collections.abc import Sequence
from decimal import Decimal

# ISO 4217 currencies without a minor unit, as docs.stripe.com/currencies lists them.
WHOLE = {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"}


def divide(numerator: int, denominator: int) -> int:
    """The quotient, rounded half away from zero: what is added and later taken away again cancels out."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def percentage(amount: int, percent: str) -> int:
    """So many percent of an amount; `percent` is decimal text with four decimals at most."""
    return divide(amount * int(Decimal(percent) * 10_000), 1_000_000)


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """A total in parts by weight, whose sum is the total: each part is the difference of two rounded running sums."""
    whole, before, done = sum(weights), 0, 0
    parts = []
    for weight in weights:
        before += weight
        upto = divide(total * before, whole) if whole else 0
        parts.append(upto - done)
        done = upto
    return parts


def money(amount: int, currency: str) -> str:
    """`12.99 EUR`, `-3.00 EUR`, `890 JPY`."""
    if currency in WHOLE:
        return f"{amount} {currency.upper()}"
    whole, minor = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole}.{minor:02} {currency.upper()}"
