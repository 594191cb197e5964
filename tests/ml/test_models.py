"""Laws that every model keeps."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from ml.dataset import from_frames
from ml.evaluate import evaluate, paired
from ml.models.base import Model, Past, top
from ml.models.ease import Ease
from ml.models.lightfm import Ensemble, LightFactors
from ml.models.neighbours import Neighbours
from ml.models.new_viewers import Newcomers
from ml.models.popularity import Popularity
from ml.models.recent_items import Lately
from ml.models.sequence import Sequence
from ml.split import temporal
from tests.ml.histories import tiny, world


class _Lately(Lately):
    def __init__(self) -> None:
        super().__init__(Ease(10))

    def learn(self, data) -> None:
        self.ease.fit(data)
        super().learn(data)


MODELS: dict[str, Callable[[], Model]] = {
    "popularity": Popularity,
    "recent popularity": lambda: Popularity(30),
    "neighbours": lambda: Neighbours(20),
    "ease": lambda: Ease(10),
    "lately": _Lately,
    "sequence": Sequence,
    "newcomers": Newcomers,
    "lightfm": LightFactors,
    "lightfm with features": lambda: LightFactors(viewer_features=True, item_features=True),
    "ensemble": lambda: Ensemble(seeds=2),
}
every_model = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)


@every_model
def test_fitted_again_it_says_the_same(make: Callable[[], Model]) -> None:
    first, second = (make().fit(world()).recommend(None, 10) for _ in range(2))
    assert np.array_equal(first, second)


@every_model
def test_nothing_seen_nothing_hidden_nothing_twice(make: Callable[[], Model]) -> None:
    data = world()
    available = np.arange(data.shape[1]) % 5 > 0
    data = replace(data, available=available)
    model = make().fit(data)
    found = model.recommend(None, data.shape[1])
    seen = data.matrix().toarray() > 0
    for row, columns in enumerate(found):
        shown = columns[columns >= 0]
        assert len(set(shown.tolist())) == len(shown)
        assert set(shown.tolist()) == set(np.flatnonzero(available & ~seen[row]).tolist())
        assert (columns[len(shown) :] == -1).all()


@every_model
def test_who_else_is_asked_about_changes_nothing(make: Callable[[], Model]) -> None:
    model = make().fit(world(viewers=300))  # more than a block
    everybody = model.recommend(None, 5)
    some = np.array([299, 3, 17])
    assert np.array_equal(model.recommend(some, 5), everybody[some])


@every_model
def test_it_lives_with_three_viewers_and_five_titles(make: Callable[[], Model]) -> None:
    model = make().fit(tiny())
    assert model.recommend(None, 10).shape == (3, 10)
    assert model.recommend(np.array([], np.int64), 10).shape == (0, 10)


@every_model
def test_it_scores_viewers_who_were_not_there(make: Callable[[], Model]) -> None:
    data = world()
    model = make().fit(data)
    picks = csr_array(np.eye(3, data.shape[1], dtype=np.float32))
    assert np.isfinite(model.fold(Past(picks, picks))).all()


@pytest.mark.parametrize("name", ["neighbours", "ease", "lightfm", "ensemble"])
def test_tastes_are_found(name: str) -> None:
    """Viewers get mostly what their group likes; popularity cannot on_progress the groups apart."""
    data = world()
    found = MODELS[name]().fit(data).recommend(None, 10)
    assert np.mean(found % 2 == (np.arange(len(found)) % 2)[:, None]) > 0.6


def test_what_follows_is_found() -> None:
    """Everybody watches in the same order, a few titles each: the next one is foretold, never the one before."""
    rows = [(viewer, viewer % 7 + step, 1000 * viewer + step) for viewer in range(40) for step in range(4)]
    data = from_frames(pd.DataFrame(rows, columns=["user", "item", "time"]))
    found = Sequence().fit(data).recommend(None, 1)[:, 0]
    begun = np.arange(40) % 7
    assert np.array_equal(found[begun < 6], begun[begun < 6] + 4)


def test_ease_solves_its_equations() -> None:
    data = world()
    matrix = data.matrix().toarray().astype(float)
    inverse = np.linalg.inv(matrix.T @ matrix + 10 * np.eye(matrix.shape[1]))
    weights = -inverse / np.diag(inverse)[None]
    np.fill_diagonal(weights, 0)
    assert np.allclose(Ease(10).fit(data).weights, weights, atol=1e-4)


def test_a_new_title_takes_after_those_like_it() -> None:
    data = world()
    new = 20  # even: of the first group's genre
    data = data.select(data.item != new)
    model = LightFactors(epochs=10).fit(replace(data, available=np.ones(data.shape[1], bool)))
    scores = model.scores(np.arange(data.shape[0]))[:, new]
    assert scores[::2].mean() > scores[1::2].mean()


def test_newcomers_get_what_people_like_them_watch() -> None:
    model = Newcomers().fit(world())
    found = model.recommend(None, 10, exclude_seen=False)
    assert np.mean(found % 2 == (np.arange(len(found)) % 2)[:, None]) > 0.6


def test_newcomers_in_a_quick_catalogue_get_what_is_new() -> None:
    """The memory is chosen by the data: here titles are forgotten within weeks."""
    train, test = temporal(world(), share=0.6)
    cold = np.setdiff1d(test.user, train.user)
    found, floor = (
        evaluate(model.fit(train).recommend, train, test, rows=cold) for model in (Newcomers(), Popularity())
    )
    assert paired(found, floor).low > 0


def test_the_best_come_first_and_ties_by_column() -> None:
    scores = np.array([[0, 3, 3, -np.inf, 1]], np.float32)
    assert top(scores, 5).tolist() == [[1, 2, 4, 0, -1]]


def test_the_best_are_those_of_a_full_sort() -> None:
    random = np.random.default_rng(4)
    for _ in range(200):
        scores = random.normal(size=(random.integers(1, 6), random.integers(1, 400))).round(1).astype(np.float32)
        scores[random.random(scores.shape) < random.choice([0, 0.3, 0.95])] = -np.inf
        n = int(random.integers(1, 30))
        order = np.argsort(-scores, axis=1, kind="stable")[:, :n]
        best = np.where(np.take_along_axis(scores, order, axis=1) == -np.inf, -1, order)
        assert np.array_equal(top(scores, n), best)
