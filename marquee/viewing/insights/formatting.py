"""Formats numbers and days for people."""

from datetime import date

MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "TND": 3}  # ISO 4217; else 2


def whole(value: float | None) -> str:
    """12,345."""
    return "–" if value is None else f"{value:,.0f}"


def short(value: float) -> str:
    """12k, 3.4M: for axes."""
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{sign}"
    return f"{value:.3g}"


def percent(value: float | None, digits: int = 1) -> str:
    """0.1234 as 12.3 %."""
    return "–" if value is None else f"{value * 100:.{digits}f} %"


def axis_percent(value: float) -> str:
    """0.0025 as 0.25 %: no more digits than it has."""
    return f"{value * 100:.3g} %"


def seconds(value: float | None) -> str:
    """1.23 s."""
    return "–" if value is None else f"{value:.2f} s"


def axis_seconds(value: float) -> str:
    return f"{value:.3g} s"


def hours(value_s: float | None) -> str:
    """Seconds as hours, with a digit where there are few."""
    if value_s is None:
        return "–"
    value = value_s / 3600
    return f"{value:,.1f} h" if value < 100 else f"{value:,.0f} h"


def days(value: float | None) -> str:
    """13.5, of days."""
    return "–" if value is None else f"{value:.1f}"


def points(value: float | None) -> str:
    """A difference of shares: +1.2 points."""
    return "–" if value is None else f"{value * 100:+.1f} points"


def times(value: float) -> str:
    """1.8 times."""
    return f"{value:.1f} times"


def change(value: float | None, unit: str) -> str:
    """A change to the week before."""
    if value is None:
        return "nothing to compare with"
    return f"{points(value) if unit == '%' else f'{value * 100:+.1f} %'} to the week before"


def money(minor: int, currency: str) -> str:
    """An amount in the currency's smallest unit, as 1,234.50 EUR."""
    digits = MINOR_DIGITS.get(currency, 2)
    return f"{minor / 10**digits:,.{digits}f} {currency}"


def day(value: date) -> str:
    """14 Mar."""
    return f"{value.day} {value:%b}"
