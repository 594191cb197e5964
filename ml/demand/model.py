"""The forecaster: plays of a title in a territory on a day ~ level × weekday of the territory × age of the title.

Weekday and age factors are the maximum-likelihood factors of that multiplicative Poisson model, found by iterative
proportional fitting. A level is the posterior mean of a Gamma-Poisson model: what was played lately, weighted by a
half-life, against what titles like this one have in that territory, weighted as `strength` days. So a new title starts
at what its features promise and moves to what is seen. Counts scatter more than Poisson's: intervals are those of a
negative binomial, its dispersion taken from the residuals of a backtest.
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.demand.history import Floats, Plays, ordinal

if TYPE_CHECKING:
    from scipy.sparse import csr_array

AGES = (1, 2, 3, 5, 8, 15, 29)  # days since publication at which a new group of ages begins, after the first day
ROUNDS = 12  # of fitting; factors stand still to 1e-3 long before
PSEUDO = 20.0  # plays by which factors are drawn towards 1 where little was seen
FEATURE_DAYS = 10.0  # title-days by which a feature's level is drawn towards that of all titles


@dataclass(frozen=True)
class Tuning:
    """What a backtest chooses."""

    half_life: float = 7.0  # days
    strength: float = 2.0  # days that the promise of a title's features counts for


@dataclass(frozen=True)
class Factors:
    """`weekday` is (territories, 7) from Monday, `age` a factor per group of ages, `prior` (titles, territories)."""

    weekday: Floats
    age: Floats
    prior: Floats


def fit(plays: Plays) -> Factors:
    """Weekday and age factors, and the level that each title's features promise in each territory."""
    counts, weekdays = plays.counts, _weekday(plays.days)
    groups, shown = _groups(plays, plays.days), _shown(plays, plays.days)
    weekday, age = np.ones((counts.shape[1], 7)), np.ones(len(AGES) + 1)
    for _ in range(ROUNDS):
        exposure = shown[:, None, :] * age[groups][:, None, :] * weekday[:, weekdays][None]
        level = counts.sum(axis=2) / np.maximum(exposure.sum(axis=2), 1e-9)
        expected = level[:, :, None] * exposure
        weekday = _weekday_factors(weekday, counts, expected, weekdays)
        age = _age_factors(age, counts, expected, groups)
    return Factors(weekday, age, _prior(plays, weekday[:, weekdays], age[groups] * shown))


def expect(plays: Plays, factors: Factors, day: date, tuning: Tuning) -> Floats:
    """(titles, territories) plays expected on a day after the last; 0 where a title is not shown then."""
    weight = 0.5 ** (np.arange(plays.counts.shape[2])[::-1] / tuning.half_life)
    past = (_shown(plays, plays.days) * factors.age[_groups(plays, plays.days)] * weight)[:, None, :]
    exposure = (past * factors.weekday[:, _weekday(plays.days)][None]).sum(axis=2)
    seen = (plays.counts * weight).sum(axis=2)
    level = (seen + tuning.strength * factors.prior) / (exposure + tuning.strength)
    that = np.array([ordinal(day)])
    then = _shown(plays, that) * factors.age[_groups(plays, that)]
    expected: Floats = level * then * factors.weekday[:, _weekday(that)[0]]
    return expected


def dispersion(actual: Floats, expected: Floats) -> float:
    """φ of a variance m + φ m², by moments; not below 0."""
    return max(0.0, float(((actual - expected) ** 2 - expected).sum() / max((expected**2).sum(), 1e-9)))


def interval(expected: Floats, phi: float) -> tuple[Floats, Floats]:
    """The 80 % interval of counts with these means."""
    from scipy.stats import nbinom, poisson

    if phi < 1e-6:
        return poisson.ppf(0.1, expected), poisson.ppf(0.9, expected)
    size = 1 / phi
    chance = size / (size + expected)
    return nbinom.ppf(0.1, size, chance), nbinom.ppf(0.9, size, chance)


def naive(plays: Plays, day: date) -> Floats:
    """What was played on the same weekday a week before: what a forecast has to beat."""
    return plays.on(date.fromordinal(day.toordinal() - 7))


def _weekday(days: NDArray[np.int64]) -> NDArray[np.int64]:
    return (days + 3) % 7  # 1970-01-01 was a Thursday


def _groups(plays: Plays, days: NDArray[np.int64]) -> NDArray[np.int64]:
    """(titles, days) groups of ages."""
    return np.searchsorted(np.array(AGES), days[None] - plays.published[:, None], side="right")


def _shown(plays: Plays, days: NDArray[np.int64]) -> Floats:
    return ((days[None] >= plays.published[:, None]) & (days[None] < plays.until[:, None])).astype(float)


def _weekday_factors(weekday: Floats, counts: Floats, expected: Floats, weekdays: NDArray[np.int64]) -> Floats:
    """Factors of the territories, each drawn towards that of all of them; their mean over a week is 1."""
    day = np.eye(7)[weekdays]
    seen, due = counts.sum(axis=0) @ day, expected.sum(axis=0) @ day
    shared = (seen.sum(axis=0) + PSEUDO) / (due.sum(axis=0) + PSEUDO)
    found = weekday * (seen + PSEUDO * shared) / (due + PSEUDO)
    scaled: Floats = found / found.mean(axis=1, keepdims=True)
    return scaled


def _age_factors(age: Floats, counts: Floats, expected: Floats, groups: NDArray[np.int64]) -> Floats:
    """Factors by age; that of old titles is 1."""
    seen = np.bincount(groups.ravel(), counts.sum(axis=1).ravel(), len(age))
    due = np.bincount(groups.ravel(), expected.sum(axis=1).ravel(), len(age))
    found = age * (seen + PSEUDO) / (due + PSEUDO)
    scaled: Floats = found / found[-1]
    return scaled


def _prior(plays: Plays, weekday: Floats, shown: Floats) -> Floats:
    """Levels by features: that of the territory's mean title times a factor for each feature of the title."""
    exposure = shown @ weekday.T
    mean = plays.counts.sum(axis=(0, 2)) / np.maximum(exposure.sum(axis=0), 1e-9)
    seen, due = plays.counts.sum(axis=(1, 2)), exposure @ mean
    has = _membership(plays)
    ratio, drawn = np.ones(len(seen)), FEATURE_DAYS * float(mean.sum()) + 1e-9
    logs = np.zeros(has.shape[1])
    for _ in range(ROUNDS):  # halved steps: features overlap, and all are fitted at once
        logs += 0.5 * np.log((has.T @ seen + drawn) / (has.T @ (due * ratio) + drawn))
        ratio = np.exp(has @ logs)
    prior: Floats = ratio[:, None] * mean[None]
    return prior


def _membership(plays: Plays) -> "csr_array":
    """(titles, features), 1 where a title has a feature."""
    from scipy.sparse import csr_array

    names = {name: place for place, name in enumerate(sorted({n for own in plays.features for n in own}))}
    columns = [names[name] for own in plays.features for name in own]
    rows = np.repeat(np.arange(len(plays.features)), [len(own) for own in plays.features])
    return csr_array((np.ones(len(columns)), (rows, columns)), shape=(len(plays.features), len(names)))
