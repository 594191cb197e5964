"""Which parameters a night takes."""

from collections.abc import Iterator

import pytest

from marquee.settings import settings
from ml import split, train, tune
from ml.candidate_runs import TRAINED_ON
from ml.champion import KEPT
from tests.ml.histories import QUICK, tiny, world


@pytest.fixture
def trials(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setenv("MARQUEE_TUNING_TRIALS", "2")
    settings.cache_clear()
    yield 2
    monkeypatch.undo()
    settings.cache_clear()


def test_the_kept_ones_without_a_budget() -> None:
    assert train._recipe(world(viewers=60), None, 3).params == KEPT


def test_what_a_search_before_the_judged_window_finds_within_the_budget(trials: int) -> None:
    data = world(viewers=60)
    past, _ = split.temporal(data, share=TRAINED_ON)
    found = tune.search(past, trials=trials, seed=3)
    recipe = train._recipe(data, None, 3)
    assert (recipe.params["lightfm"], recipe.params["ease"]) == (found.params["lightfm"], found.params["ease"])
    assert recipe.seed == 3


@pytest.mark.usefixtures("trials")
def test_given_ones_are_not_searched_for() -> None:
    assert train._recipe(world(viewers=60), QUICK, 3).params == KEPT | QUICK


@pytest.mark.usefixtures("trials")
def test_the_kept_ones_where_there_is_nothing_to_search_in() -> None:
    few = tiny()
    assert train._recipe(few.select(few.user == 2), None, 3).params == KEPT
