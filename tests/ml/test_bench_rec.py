import numpy as np
import pandas as pd
import pytest

from bench.rec import cold, trial
from ml.champion import Champion
from ml.dataset import DAY_MS
from tests.ml.histories import QUICK, START, frames

CUT = START + 85 * DAY_MS


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> trial.Trial:
    """Files like MovieLens': a past of two folds, and a later file with viewers and titles that the past lacks."""
    folder = tmp_path_factory.mktemp("history")
    seen, titles, people = frames()
    table = seen.rename(columns={"user": "user_id", "item": "movie_id"}).assign(timestamp=lambda t: t["time"] / 1000)
    table = table.drop(columns="time").assign(rating=4.0, rating_ge4=True)
    past = table[table["timestamp"] * 1000 < CUT].assign(fold="first-80")
    past.loc[past.index[-50:], "fold"] = "next-10"
    past.loc[past.index[:20], ["rating", "timestamp"]] = np.nan
    later = table[table["timestamp"] * 1000 >= CUT].assign(fold="newest-10")
    stranger = pd.DataFrame({"user_id": [7, 7, int(later["user_id"].iloc[0])], "movie_id": [501, 9001, 9001]})
    later = pd.concat([later, stranger.assign(timestamp=later["timestamp"].max(), fold="newest-10")])
    past.to_parquet(folder / "past.parquet")
    later.to_parquet(folder / "later.parquet")
    titles.rename(columns={"item": "movie_id"}).to_parquet(folder / "movies.parquet")
    people.rename(columns={"user": "user_id"}).to_parquet(folder / "users.parquet")
    return trial.read(*(str(folder / f"{name}.parquet") for name in ("past", "later", "movies", "users")))


def test_both_folds_are_the_past_unless_one_is_asked_for(one: trial.Trial) -> None:
    assert one.train.time.max() < CUT <= one.test.time.min()
    assert set(one.train.user) & set(one.test.user)


def test_viewers_and_titles_that_the_past_lacks_are_judged_not_shown(one: trial.Trial) -> None:
    stranger, new = one.train.rows([7])[0], one.train.columns([9001])[0]
    assert stranger in one.cold
    assert stranger not in one.warm
    assert not one.train.shown()[new]
    champion = Champion(QUICK).fit(one.train)
    for rows in (one.warm, one.cold):
        assert not (champion.recommend(rows, 10) == new).any()
        found = one.judge(champion.recommend, rows)
        assert len(found.rows) == len(rows)
        assert np.isfinite(list(found.summary().values())).all()
    assert set(cold.viewers(one, champion)) >= {"popularity", "LightFM, viewer features", "champion"}
    assert set(cold.titles(one)) == {"LightFM", "LightFM, title features", "LightFM, titles introduced"}


def test_a_test_without_times_comes_after_the_past(tmp_path) -> None:
    past = pd.DataFrame({"user": [1, 1, 2, 2], "item": [5, 6, 5, 7], "timestamp": [10, 20, 30, 40]})
    past.to_csv(tmp_path / "past.csv", index=False)
    pd.DataFrame({"user": [1, 2], "item": [7, 6]}).to_csv(tmp_path / "later.csv", index=False)
    found = trial.read(str(tmp_path / "past.csv"), str(tmp_path / "later.csv"), None, None)
    assert (len(found.train), len(found.test)) == (4, 2)
    assert found.train.time.max() < found.test.time.min()


def test_speed_is_measured_for_more_viewers_than_there_are(one: trial.Trial) -> None:
    assert trial.speed(lambda rows, n: np.zeros((len(rows), n), np.int32), one.warm) > 0
