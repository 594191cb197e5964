"""Nightly forecast of today and tomorrow, with yesterday's evaluated, in MLflow."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from marquee.catalogue import demand
from marquee.catalogue.database import begin
from marquee.logs import log
from ml import tracking
from ml.demand import backtest, history, model
from ml.demand.backtest import Backtest
from ml.demand.history import Floats, Plays
from ml.demand.model import Factors, Tuning

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EXPERIMENT = "demand"
AHEAD = 2  # days that are forecast, today being the first: a title may be warmed tonight or tomorrow
LEAST = 0.01  # plays below which a forecast is not worth a row


@dataclass(frozen=True)
class Forecast:
    """What a night made: the first day, how many rows, and the MLflow run; no rows and no run without any plays."""

    day: date
    rows: int
    run_id: str


def forecast(as_of: date | None = None) -> Forecast:
    """Forecast plays of every title in every territory for `as_of` (today, UTC) and the day after.

    Only days before `as_of` are looked at. Forecasting a day again replaces its forecasts.
    """
    day = as_of or history.today()
    plays = history.load(day)
    if plays is None:
        log.warning("nothing was played lately: no forecast", day=str(day))
        return Forecast(day, 0, "")
    with tracking.run(EXPERIMENT, f"demand {day}", {"day": str(day)}) as run_id:
        tested = backtest.backtest(plays)
        tuning, phi = (tested.tuning, tested.phi) if tested else (Tuning(), 1.0)
        factors = model.fit(plays)
        _log(plays, tested, tuning, factors)
        _hold(plays, day - timedelta(days=1))
        rows = _write(plays, factors, tuning, phi, day, run_id)
    log.info("forecast", day=str(day), rows=rows, wape=tested and round(tested.wape, 3))
    return Forecast(day, rows, run_id)


def _write(plays: Plays, factors: Factors, tuning: Tuning, phi: float, day: date, run_id: str) -> int:
    rows = 0
    with begin() as session:
        for ahead in range(AHEAD):
            that = day + timedelta(days=ahead)
            expected = model.expect(plays, factors, that, tuning)
            rows += demand.replace(session, that, f"demand/{run_id[:8]}", _rows(plays, expected, phi))
    return rows


def _rows(plays: Plays, expected: Floats, phi: float) -> Iterator[demand.Forecast]:
    title, territory = np.nonzero(expected >= LEAST)
    means = expected[title, territory]
    low, high = model.interval(means, phi)
    for t, c, mean, lower, upper in zip(title, territory, means, low, high, strict=True):
        yield int(plays.titles[t]), plays.territories[c], float(mean), float(lower), float(upper)


def _hold(plays: Plays, day: date) -> None:
    """Compare what was forecast for a day, before it, with what came."""
    with begin() as session:
        made = demand.forecasts(session, day)
    if not made or plays.last < day:
        return
    title = {int(t): place for place, t in enumerate(plays.titles)}
    territory = {name: place for place, name in enumerate(plays.territories)}
    actual, said, within = plays.on(day), np.zeros(plays.counts.shape[:2]), []
    for title_id, name, mean, low, high in made:
        if title_id in title and name in territory:
            place = title[title_id], territory[name]
            said[place] = mean
            within.append(low <= actual[place] <= high)
    metrics = {"actual.wape": backtest.error(actual, said), "actual.bias": backtest.bias(actual, said)}
    tracking.mlflow().log_metrics(metrics | {"actual.covered": float(np.mean(within)) if within else 0.0})


def _log(plays: Plays, tested: Backtest | None, tuning: Tuning, factors: Factors) -> None:
    library = tracking.mlflow()
    library.log_params(asdict(tuning) | {"titles": len(plays.titles), "territories": len(plays.territories)})
    library.log_params({"days": plays.counts.shape[2], "last_day": str(plays.last)})
    shapes = {"weekday": dict(zip(plays.territories, factors.weekday.tolist(), strict=True))}
    library.log_dict(shapes | {"age": dict(zip([0, *model.AGES], factors.age.tolist(), strict=True))}, "factors.json")
    if tested is None:
        library.set_tag("judged", "no: less than nine days of plays")
        return
    names = ("wape", "bias", "naive_wape", "covered", "phi")
    library.log_metrics({name: getattr(tested, name) for name in names})
    for step, (_, wape, naive) in enumerate(tested.by_day):
        library.log_metrics({"backtest.wape": wape, "backtest.naive_wape": naive}, step=step)
    library.log_figure(_picture(tested), "plots/backtest.png")


def _picture(tested: Backtest) -> "Figure":
    from ml import plots

    curves = {
        "forecast": [((day - tested.by_day[-1][0]).days, wape) for day, wape, _ in tested.by_day],
        "same weekday last week": [((day - tested.by_day[-1][0]).days, naive) for day, _, naive in tested.by_day],
    }
    return plots.lines(curves, f"days before {tested.by_day[-1][0]}", "error (WAPE)")
