"""The forecast of demand: better than the naive one, sensible for new titles, and honest about its doubt."""

import io
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from marquee.catalogue import demand as queries
from marquee.catalogue.database import begin
from marquee.contracts.lake import TITLES
from marquee.settings import settings
from marquee.storage import Store
from marquee.viewing import lake
from ml.demand import backtest, history, model
from ml.demand.history import Plays, ordinal
from ml.demand.model import Tuning

LAST = date(2026, 6, 14)  # a Sunday
WEEKDAY = np.array([0.6, 0.6, 0.7, 0.8, 1.2, 1.7, 1.4])
LAUNCH = np.array([6.0, 4.0, 3.0, 2.2, 1.7, 1.4, 1.2])


def truth(days: int = 42, titles: int = 60, seed: int = 1) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Plays by weekday, age and taste, as Poisson counts: rows of the mart and of the lake's titles."""
    random = np.random.default_rng(seed)
    genres = ["drama", "comedy", "noir"]
    daily, known = [], []
    for title in range(1, titles + 1):
        genre = genres[title % 3]
        published = LAST - timedelta(days=int(random.integers(days, 200)) if title % 4 else int(random.integers(1, 40)))
        known.append({"title_id": title, "genres": [genre], "language": "en", "kind": "film",
                      "published_ms": ordinal(published) * history.DAY_MS, "available_until_ms": None})  # fmt: skip
        level = {"drama": 12.0, "comedy": 5.0, "noir": 1.5}[genre] * random.gamma(6, 1 / 6)
        for back in range(days):
            day = LAST - timedelta(days=back)
            age = (day - published).days
            if age < 0:
                continue
            launch = LAUNCH[age] if age < 7 else 1.0
            for country, size in (("DE", 1.0), ("FR", 0.4)):
                plays = random.poisson(level * size * launch * WEEKDAY[day.weekday()])
                if plays:
                    daily.append({"dt": day, "title_id": title, "country": country, "plays": int(plays)})
    return daily, known


def cube(daily: list[dict[str, Any]], known: list[dict[str, Any]], as_of: date = LAST + timedelta(days=1)) -> Plays:
    found = history.cube(pa.Table.from_pylist(daily), known, as_of)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def plays() -> Plays:
    return cube(*truth())


def test_the_factors_that_made_the_counts_are_found(plays: Plays) -> None:
    factors = model.fit(plays)
    for row in factors.weekday:
        assert row == pytest.approx(WEEKDAY / WEEKDAY.mean(), rel=0.15)
    assert factors.age[:3] == pytest.approx(LAUNCH[:3], rel=0.35)
    assert np.all(np.diff(factors.age[:4]) < 0)


def test_it_beats_the_same_weekday_of_last_week_and_keeps_its_interval(plays: Plays) -> None:
    found = backtest.backtest(plays)
    assert found is not None
    assert found.wape < 0.85 * found.naive_wape
    assert abs(found.bias) < 0.1
    assert 0.78 <= found.covered <= 0.95  # counts are whole numbers: an interval of 80 % holds at least that


def test_a_new_title_is_promised_what_its_kind_has_and_learns_from_what_comes() -> None:
    daily, known = truth()
    tomorrow = LAST + timedelta(days=1)
    fresh = {"language": "en", "kind": "film", "available_until_ms": None,
             "published_ms": ordinal(tomorrow) * history.DAY_MS}  # fmt: skip
    both = [{**fresh, "title_id": 901, "genres": ["drama"]}, {**fresh, "title_id": 902, "genres": ["noir"]}]
    plays = cube(daily, known + both)
    expected = model.expect(plays, model.fit(plays), tomorrow, Tuning())
    drama, noir = (expected[np.searchsorted(plays.titles, title)] for title in (901, 902))
    monday = WEEKDAY[0] / WEEKDAY.mean()
    assert drama[0] == pytest.approx(12 * LAUNCH[0] * monday, rel=0.5)
    assert noir[0] < drama[0] / 2
    assert drama[1] == pytest.approx(0.4 * drama[0], rel=0.2)
    hit = [{"dt": tomorrow, "title_id": 902, "country": "DE", "plays": 400}]
    later = cube(daily + hit, known + both, tomorrow + timedelta(days=1))
    after = model.expect(later, model.fit(later), tomorrow + timedelta(days=1), Tuning())
    assert after[np.searchsorted(later.titles, 902), 0] > 5 * noir[0]


def test_nothing_is_expected_of_a_title_that_is_not_shown_that_day() -> None:
    daily, known = truth(titles=8)
    known[0]["available_until_ms"] = ordinal(LAST + timedelta(days=1)) * history.DAY_MS
    known.append({**known[1], "title_id": 99, "published_ms": ordinal(LAST + timedelta(days=3)) * history.DAY_MS})
    plays = cube(daily, known)
    expected = model.expect(plays, model.fit(plays), LAST + timedelta(days=1), Tuning())
    assert expected[0].sum() == 0
    assert expected[-1].sum() == 0
    assert (expected[1:-1].sum(axis=1) > 0).all()


def test_the_future_is_not_looked_at() -> None:
    daily, known = truth()
    cut = LAST - timedelta(days=10)
    whole, past = cube(daily, known).upto(cut - timedelta(days=1)), cube(daily, known, cut)
    assert whole.counts.sum() == past.counts[:, :, -whole.counts.shape[2] :].sum()
    one = model.expect(past, model.fit(past), cut, Tuning())
    changed = [row if row["dt"] < cut else {**row, "plays": 10 * row["plays"]} for row in daily]
    other = cube(changed, known, cut)
    assert np.array_equal(one, model.expect(other, model.fit(other), cut, Tuning()))


@pytest.mark.usefixtures("catalogue")
def test_a_night_writes_its_forecasts_and_holds_the_last_one_against_what_came(mlflow_server: str) -> None:
    from ml import tracking
    from ml.demand.nightly import forecast

    daily, known = truth(titles=12)
    lake.write(TITLES, "all.parquet", [{**dict.fromkeys(TITLES.columns), **row} for row in known], source="test")
    _mart(daily)
    assert forecast(LAST).rows
    night = forecast(LAST + timedelta(days=1))
    assert forecast(LAST + timedelta(days=1)).rows == night.rows
    with begin() as session:
        hottest = queries.hottest(session, night.day, ["FR"], limit=3)
        assert [plays for _, plays in hottest] == sorted((plays for _, plays in hottest), reverse=True)
        assert queries.hottest(session, night.day)[0][1] > hottest[0][1]
        found = queries.forecasts(session, night.day)
        assert all(low <= plays <= high or plays < 1 for _, _, plays, low, high in found)
        assert queries.expected(session, hottest[0][0]) > 0
        assert queries.expected(session, 12345) is None
        assert queries.latest_day(session) == night.day + timedelta(days=1)
    run = tracking.client().get_run(night.run_id).data
    assert {"wape", "bias", "naive_wape", "covered", "actual.wape", "actual.bias"} <= set(run.metrics)
    assert run.metrics["actual.wape"] < 0.8


@pytest.mark.usefixtures("catalogue")
def test_without_any_plays_there_is_no_forecast_and_no_error() -> None:
    from ml.demand.nightly import forecast

    assert forecast(LAST).rows == 0
    _mart([{"dt": LAST - timedelta(days=300), "title_id": 1, "country": "DE", "plays": 3}])
    assert forecast(LAST).rows == 0


def _mart(daily: list[dict[str, Any]]) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(daily), buffer)
    Store(settings().warehouse).write(history.MART, buffer.getvalue())
