import pytest

from marquee.contracts.errors import InvalidInput
from ml.champion import KEPT, Champion
from ml.tune import search
from tests.ml.histories import tiny, world


def test_a_search_repeats_and_keeps_what_is_kept_when_nothing_is_better() -> None:
    data = world(viewers=60)
    first, second = (search(data, trials=3, seed=5) for _ in range(2))
    assert first == second
    assert first.trials == 6
    only = search(data, trials=1)
    assert only.params == {"lightfm": KEPT["lightfm"], "ease": KEPT["ease"]}
    assert all(first.ndcg[name] >= only.ndcg[name] for name in only.ndcg)
    assert Champion(first.params).params["ease"] == first.params["ease"]


def test_a_budget_of_time_ends_it() -> None:
    assert search(world(viewers=60), trials=100_000, seconds=0.5).trials < 1000


def test_without_a_past_there_is_nothing_to_tune_on() -> None:
    with pytest.raises(InvalidInput):
        search(tiny().select(tiny().time < 0), trials=1)
