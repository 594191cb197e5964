import numpy as np
import pytest

from ml import split
from ml.evaluate import evaluate, paired, score
from ml.models.popularity import Popularity
from tests.ml.histories import world


def test_metrics_as_worked_out_by_hand() -> None:
    relevant = np.array([[1, 0, 1, 1, 0, 0]], np.float32)
    found = score(np.array([[0, 1, 2, -1]], np.int32), relevant, 4)
    gains = 1 / np.log2(np.arange(2, 6))
    assert found["ndcg"][0] == pytest.approx((gains[0] + gains[2]) / gains[:3].sum())
    assert found["recall"][0] == pytest.approx(2 / 3)
    assert found["precision"][0] == pytest.approx(2 / 4)
    assert found["map"][0] == pytest.approx((1 / 1 + 2 / 3) / 3)


def test_who_foretells_everything_reaches_one_and_who_says_nothing_none() -> None:
    train, test = split.temporal(world(), share=0.8)
    relevant = test.matrix().toarray()

    def oracle(rows: np.ndarray, n: int) -> np.ndarray:
        return np.argsort(-relevant[rows], axis=1, kind="stable")[:, :n].astype(np.int32)

    perfect = evaluate(oracle, train, test)
    silent = evaluate(lambda rows, n: np.full((len(rows), n), -1, np.int32), train, test)
    assert perfect.mean().value == pytest.approx(1)
    assert silent.mean().value == silent.coverage == 0


def test_the_order_of_viewers_changes_no_figure() -> None:
    train, test = split.temporal(world(), share=0.8)
    model = Popularity().fit(train)
    plain = evaluate(model.recommend, train, test)
    turned = evaluate(model.recommend, train, test, rows=plain.rows[::-1])
    assert np.array_equal(plain.per_viewer["ndcg"], turned.per_viewer["ndcg"][::-1])
    assert (plain.coverage, plain.novelty) == (turned.coverage, pytest.approx(turned.novelty))


def test_a_comparison_is_made_in_pairs() -> None:
    train, test = split.temporal(world(), share=0.8)
    first, second = (evaluate(Popularity(days).fit(train).recommend, train, test) for days in (10, None))
    ahead, behind = paired(first, second), paired(second, first)
    assert ahead.value == pytest.approx(-behind.value)
    assert ahead.low <= ahead.value <= ahead.high
    assert paired(first, first).low == paired(first, first).high == 0
    with pytest.raises(ValueError, match="same viewers"):
        paired(first, evaluate(Popularity().fit(train).recommend, train, test, rows=first.rows[:5]))


def test_cohorts_are_part_of_the_summary() -> None:
    train, test = split.temporal(world(), share=0.8)
    summary = evaluate(Popularity().fit(train).recommend, train, test).summary()
    assert {"ndcg", "ndcg_low", "ndcg_high", "ndcg_heavy", "ndcg_kids", "coverage", "novelty"} <= set(summary)
    assert summary["ndcg_low"] <= summary["ndcg"] <= summary["ndcg_high"]
