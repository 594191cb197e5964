from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from marquee.contracts.errors import InvalidInput
from marquee.contracts.lake import INTERACTIONS, OPINIONS, PROFILES, TITLES
from marquee.settings import settings
from marquee.viewing import lake
from ml import dataset, training_tables
from ml.dataset import DAY_MS, Dataset, from_frames
from tests.ml.histories import frames, tiny, world


def test_the_order_of_the_rows_changes_nothing() -> None:
    interactions, titles, people = frames()
    interactions["time"] //= DAY_MS  # many at one moment
    straight = from_frames(interactions, titles, people)
    shuffled = from_frames(
        interactions.sample(frac=1, random_state=1),
        titles.sample(frac=1, random_state=2),
        people.sample(frac=1, random_state=3),
    )
    assert shuffled.fingerprint() == straight.fingerprint()


def test_rows_that_come_twice_count_at_their_first_time() -> None:
    interactions, titles, people = frames()
    interactions = interactions.drop_duplicates(["user", "item"])
    again = interactions.assign(time=interactions["time"] + 1000)
    twice = from_frames(pd.concat([again, interactions]), titles, people)
    once = from_frames(interactions, titles, people)
    assert np.array_equal(twice.time, once.time)
    assert np.array_equal(twice.weight, 2 * once.weight)


@pytest.mark.parametrize("change", ["user", "item", "time", "weight", "items", "user_features", "year", "unwanted"])
def test_any_change_shows_in_the_fingerprint(change: str) -> None:
    data = world()
    changed = {
        "user": replace(data, user_features=None, user_feature_names=()),
        "item": data.select(np.arange(len(data)) > 0),
        "time": replace(data, time=data.time + 1),
        "weight": replace(data, weight=data.weight * 2),
        "items": replace(data, items=data.items + 1),
        "user_features": replace(data, user_features=csr_array(1 - data.user_features.toarray())),
        "year": replace(data, year=data.year + 1),
        "unwanted": replace(data, unwanted=np.array([[0, 1, 5]])),
    }[change]
    assert changed.fingerprint() != data.fingerprint()


@pytest.mark.parametrize(
    "broken",
    [
        {"item": np.array([0, 1, 1, 2, 9], np.int32)},
        {"time": np.array([9, 8, 7, 6, 5])},
        {"weight": np.zeros(5, np.float32)},
        {"user": np.array([0, 0, 1], np.int32)},
        {"users": np.array([1, 1, 3])},
        {"unwanted": np.array([[3, 0, 1]])},
        {"user": np.array([0, 0, 1, 1, 1], np.int32), "item": np.array([0, 1, 1, 2, 2], np.int32)},
    ],
)
def test_a_dataset_that_contradicts_itself_is_refused(broken: dict[str, np.ndarray]) -> None:
    with pytest.raises(InvalidInput, match="dataset"):
        replace(tiny(), **broken)


def test_before_knows_nothing_later_and_keeps_rows_and_columns() -> None:
    data = world()
    at = int(data.time[len(data) // 2])  # something happens at the very moment
    past = data.before(at)
    assert past.time.max() < at <= data.time[len(past)]
    assert np.array_equal(past.users, data.users)
    assert np.array_equal(past.items, data.items)


def test_what_is_not_wanted_is_withheld_and_no_sign_of_liking_from_its_moment_on() -> None:
    seen = pd.DataFrame({"user": [1, 1, 2], "item": [10, 11, 11], "time": [5, 6, 7]})
    against = pd.DataFrame({"user": [2, 1, 1, 9], "item": [12, 11, 99, 10], "time": [8, 9, 1, 1]})
    data = from_frames(seen, pd.DataFrame({"item": [10, 11, 12], "language": "de"}), unwanted=against)
    assert data.unwanted is not None
    assert data.unwanted.tolist() == [[0, 1, 9], [1, 2, 8]]  # of viewers and titles that are known
    assert (data.withheld().toarray() > 0).tolist() == [[True, True, False], [False, True, True]]
    assert data.liked().matrix().toarray().tolist() == [[1, 0, 0], [0, 1, 0]]
    assert data.before(9).liked().matrix().toarray().tolist() == [[1, 1, 0], [0, 1, 0]]
    assert (data.before(8).withheld().toarray() > 0).tolist() == [[True, True, False], [False, True, False]]


def test_features_are_named_and_missing_ones_are_none() -> None:
    titles = pd.DataFrame({"item": [1, 2], "genres": [["b", "a"], []], "language": ["de", None], "year": [1999, None]})
    data = from_frames(pd.DataFrame({"user": [7], "item": [1], "time": [0]}), titles)
    assert data.item_feature_names == ("decade=1990", "genres=a", "genres=b", "language=de")
    assert data.item_features is not None
    assert data.item_features.toarray().tolist() == [[1, 1, 1, 1], [0, 0, 0, 0]]
    assert data.columns([2, 1, 3]).tolist() == [1, 0, -1]


@pytest.fixture
def filled(tmp_path, monkeypatch) -> None:
    """A lake with one real viewer, one simulated, and three titles."""
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path))
    settings.cache_clear()
    watched = {"sessions": 1, "watched_ms": 1, "weight": 0.5}
    lake.write(
        INTERACTIONS,
        "part.parquet",
        [
            {"profile_id": 1, "title_id": 10, "origin": "account", "first_ms": 100, "last_ms": 900, **watched},
            {"profile_id": 2, "title_id": 11, "origin": "simulated", "first_ms": 200, "last_ms": 200, **watched},
        ],
    )
    title = {"kind": "film", "genres": ["drama"], "published_ms": 50, "origin": "catalogue"}
    ends = {10: None, 11: 150, 12: None}
    for source in ("catalogue", "zz-older"):
        rows = [title | {"title_id": key, "name": source, "available_until_ms": end} for key, end in ends.items()]
        lake.write(TITLES, "part.parquet", rows, source=source)
    for source, profile, origin in (("accounts", 1, "account"), ("simulated-1", 2, "simulated")):
        row = {"profile_id": profile, "origin": origin, "kids": False, "languages": ["de"], "device": "tv"}
        lake.write(PROFILES, "part.parquet", [row], source=source)
    yield
    settings.cache_clear()


@pytest.mark.parametrize(("audience", "users"), [("real", [1]), ("simulated", [2]), ("all", [1, 2])])
def test_the_lake_gives_the_viewers_who_count(filled, monkeypatch, audience: str, users: list[int]) -> None:
    monkeypatch.setenv("MARQUEE_AUDIENCE", audience)
    settings.cache_clear()
    data = dataset.load()
    assert data.users.tolist() == users
    assert data.items.tolist() == [10, 11, 12]
    assert training_tables.simulated_share() == {"real": 0.0, "simulated": 1.0, "all": 0.5}[audience]


def test_thumbs_down_and_hidden_titles_of_the_lake_are_unwanted_and_no_others(filled) -> None:
    said = {10: ("down", False), 11: ("up", True), 12: ("up", False)}
    own = {"profile_id": 1, "origin": "account"}
    rows = [own | {"title_id": t, "thumb": th, "hidden": h, "at_ms": 100 + t} for t, (th, h) in said.items()]
    rows.append(own | {"profile_id": 2, "title_id": 10, "thumb": None, "hidden": False, "at_ms": 1})
    lake.write(OPINIONS, "part.parquet", rows, source="catalogue")
    data = dataset.load()
    assert data.unwanted is not None
    assert data.unwanted.tolist() == [[0, 0, 110], [0, 1, 111]]
    early = dataset.load(as_of=111).unwanted
    assert early is not None
    assert early.tolist() == [[0, 0, 110]]


def test_as_of_a_moment_the_lake_knows_nothing_later(filled) -> None:
    data = dataset.load(as_of=200)
    assert data.users[data.user].tolist() == [1]
    assert data.shown().tolist() == [True, False, True]
    assert dataset.load(as_of=40).shown().tolist() == [False, False, False]


def test_an_empty_lake_is_an_empty_dataset(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path))
    settings.cache_clear()
    data: Dataset = dataset.load()
    assert (len(data), data.shape) == (0, (0, 0))
    settings.cache_clear()
