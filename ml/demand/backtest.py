"""Backtests of forecasts on known days, against the naive forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ml.demand import model
from ml.demand.history import Floats, Plays
from ml.demand.model import Tuning

CHOICES = tuple(Tuning(half_life, strength) for half_life in (3, 7, 14, 28) for strength in (0.5, 2, 6))
DAYS = 7
LEAST = 8  # days of history before the first day that is forecast


@dataclass(frozen=True)
class Backtest:
    """Errors over the last days, one day ahead each. WAPE is Σ|actual − forecast| / Σ actual, bias Σ(forecast − actual)
    / Σ actual; `covered` the share of title × territory × day within the 80 % interval."""

    tuning: Tuning
    phi: float
    wape: float
    bias: float
    naive_wape: float
    covered: float
    by_day: tuple[tuple[date, float, float], ...]  # day, WAPE, naive WAPE


def backtest(plays: Plays, choices: Sequence[Tuning] = CHOICES, days: int = DAYS) -> Backtest | None:
    """The best of some tunings over the last days; None where the history is too short to say."""
    span = plays.counts.shape[2]
    wanted = [plays.last - timedelta(days=back) for back in range(min(days, span - LEAST))][::-1]
    if not wanted:
        return None
    before = {day: plays.upto(day - timedelta(days=1)) for day in wanted}
    factors = {day: model.fit(past) for day, past in before.items()}
    actual = np.stack([plays.on(day) for day in wanted])
    naive = np.stack([model.naive(before[day], day) for day in wanted])
    made = {t: np.stack([model.expect(before[day], factors[day], day, t) for day in wanted]) for t in choices}
    best = min(choices, key=lambda tuning: error(actual, made[tuning]))
    expected = made[best]
    phi = model.dispersion(actual, expected)
    by_day = tuple((d, error(a, e), error(a, n)) for d, a, e, n in zip(wanted, actual, expected, naive, strict=True))
    return Backtest(
        best, phi, error(actual, expected), bias(actual, expected), error(actual, naive),
        covered(actual, expected, phi), by_day,
    )  # fmt: skip


def error(actual: Floats, forecast: Floats) -> float:
    """WAPE: 0 is perfect, 1 as bad as forecasting nothing."""
    return float(np.abs(actual - forecast).sum() / max(actual.sum(), 1e-9))


def bias(actual: Floats, forecast: Floats) -> float:
    """Above 0: too much was forecast."""
    return float((forecast - actual).sum() / max(actual.sum(), 1e-9))


def covered(actual: Floats, expected: Floats, phi: float) -> float:
    """The share of those with anything expected that lie within the interval."""
    some = expected > 0
    low, high = model.interval(expected[some], phi)
    return float(((actual[some] >= low) & (actual[some] <= high)).mean()) if some.any() else 1.0
