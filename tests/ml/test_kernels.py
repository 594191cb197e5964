"""Compiled loops against the plain computation, and the law that a row's result depends on that row alone."""

import lightgbm
import numpy as np
import pytest
from scipy.sparse import csr_array, random_array

from marquee.contracts.errors import InvalidInput
from ml.kernels.blends import blend
from ml.kernels.forests import compiled
from ml.kernels.products import product
from ml.kernels.sums import MOST, Rounded, sums
from ml.kernels.tiles import TILE, Prepared, tiled
from ml.models.base import descending, top

rng = np.random.default_rng(5)


@pytest.mark.parametrize("columns", [1, int(TILE) - 1, int(TILE), 2 * int(TILE) + 3])
@pytest.mark.parametrize("dense", [False, True])
def test_a_product_adds_the_rows_of_the_weights_in_their_order(columns: int, dense: bool) -> None:
    sparse = csr_array(random_array((40, 30), density=0.5, rng=rng, dtype=np.float32))
    weights, bias = rng.normal(size=(30, columns)).astype(np.float32), rng.normal(size=columns).astype(np.float32)
    wanted = np.repeat(bias[None], 40, axis=0)
    for row in range(40):
        for term in range(30):
            if dense or sparse[row, term]:
                wanted[row] += sparse[row, term] * weights[term]
    found = product(sparse.toarray() if dense else sparse, weights, bias)
    assert np.array_equal(found, wanted)


@pytest.mark.parametrize("columns", [1, int(TILE) - 1, 2 * int(TILE) + 3])
def test_rounded_weights_are_summed_exactly(columns: int) -> None:
    """Also where all eight that are added at a time are as large as may be."""
    chosen = csr_array(random_array((40, 300), density=0.5, rng=rng) > 0, dtype=np.float32)
    weights = rng.normal(size=(300, columns)).astype(np.float32)
    weights[:, 0] = -3
    rounded = Rounded.of(weights)
    wholes = np.rint(weights / rounded.scale)
    assert np.abs(wholes).max() == MOST
    wanted = (chosen.toarray() @ wholes).astype(np.float32) * rounded.scale
    assert np.array_equal(sums(chosen, rounded), wanted)
    assert np.allclose(wanted, chosen @ weights, atol=0.02)


def test_only_ones_are_summed() -> None:
    with pytest.raises(InvalidInput, match="only ones"):
        sums(csr_array(np.full((1, 1), 2.0)), Rounded.of(np.ones((1, 1), np.float32)))


def test_what_is_prepared_of_an_array_is_made_anew_for_another_one() -> None:
    prepared, one, other = Prepared(tiled), np.ones((2, 2), np.float32), np.zeros((2, 2), np.float32)
    assert prepared.of(one) is prepared.of(one)
    assert not prepared.of(other).packed.any()


def test_who_else_is_asked_about_changes_no_bit_of_a_product() -> None:
    dense, weights = rng.normal(size=(50, 33)).astype(np.float32), rng.normal(size=(33, 300)).astype(np.float32)
    whole = product(dense, weights)
    assert all(np.array_equal(product(dense[rows], weights), whole[rows]) for rows in ([7], [3, 49], range(5, 44)))


def test_standard_scores_have_mean_0_and_deviation_1_and_equal_ones_are_0() -> None:
    scores = np.vstack([rng.normal(5, 3, 1003), np.full(1003, 0.1), np.zeros(1003)]).astype(np.float32)
    parts, nothing = blend({"own": scores}, {}, 3)
    found = parts["own"].at(np.arange(1003)[None].repeat(3, axis=0))
    assert not nothing.any()
    assert found[0].mean() == pytest.approx(0, abs=1e-5)
    assert found[0].std() == pytest.approx(1, abs=1e-5)
    assert not found[1:].any()


def test_a_blend_adds_weighted_standard_scores_and_lends_one_row_to_all() -> None:
    own, shared = rng.normal(size=(4, 200)).astype(np.float32), rng.normal(size=(1, 200)).astype(np.float32)
    _, found = blend({"own": own, "shared": shared, "weightless": -own}, {"own": 0.5, "shared": 2.0, "nobody": 1.0}, 4)
    wanted = 0.5 * _standard(own) + 2 * _standard(shared)
    assert np.allclose(found, wanted, atol=1e-5)


def _standard(scores: np.ndarray) -> np.ndarray:
    return (scores - scores.mean(axis=1, keepdims=True)) / scores.std(axis=1, keepdims=True)


@pytest.mark.parametrize("leaves", [2, 7, 40])
def test_a_forest_scores_as_lightgbm_does_to_the_bit(leaves: int) -> None:
    features = _features(3000)
    target = (features[:, 0] > 0.3) + np.nan_to_num(features[:, 1]) * features[:, 2] + rng.normal(0, 0.1, 3000)
    booster = lightgbm.train(
        {"num_leaves": leaves, "min_data_in_leaf": 5, "verbose": -1}, lightgbm.Dataset(features, target), 25
    )
    asked = np.concatenate([features[:1000], _features(199), [[np.nan] * 6]]).astype(np.float32)
    assert np.array_equal(compiled(booster).scores(asked.T), booster.predict(asked))


def _features(count: int) -> np.ndarray:
    """Of all kinds that a ranker has: plain ones, one with values that are not known, whole numbers, a constant."""
    found = rng.normal(size=(count, 6)).astype(np.float32)
    found[::3, 1] = np.nan
    found[:, 3], found[:, 4] = rng.integers(0, 5, count), 0
    return found


def test_a_forest_of_single_leaves_is_a_constant() -> None:
    features = _features(60)
    booster = lightgbm.train({"min_data_in_leaf": 100, "verbose": -1}, lightgbm.Dataset(features, features[:, 0]), 3)
    assert np.array_equal(compiled(booster).scores(features.T), booster.predict(features))


def test_splits_by_category_are_refused() -> None:
    features = rng.integers(0, 9, (500, 1)).astype(np.float32)
    data = lightgbm.Dataset(features, features[:, 0] % 2, categorical_feature=[0])
    booster = lightgbm.train({"min_data_in_leaf": 5, "verbose": -1}, data, 2)
    with pytest.raises(InvalidInput, match="split"):
        compiled(booster)


def test_a_feature_of_more_thresholds_than_a_byte_counts_is_refused() -> None:
    features = rng.normal(size=(4000, 1)).astype(np.float32)
    data = lightgbm.Dataset(features, np.sin(9 * features[:, 0]), params={"max_bin": 2000, "min_data_in_bin": 1})
    booster = lightgbm.train({"num_leaves": 200, "min_data_in_leaf": 2, "verbose": -1}, data, 5)
    with pytest.raises(InvalidInput, match="too large"):
        compiled(booster)


@pytest.mark.parametrize("n", [1, 7, 40, 2000])
def test_the_best_columns_descend_by_score_and_ties_by_column(n: int) -> None:
    """Also where many are alike, none may be shown, and fewer are left than asked for."""
    scores = rng.integers(-40, 40, (6, 1500)).astype(np.float32) / 8
    scores[1:3, ::2], scores[3], scores[4, 5:] = -np.inf, -np.inf, -np.inf
    scores[5] = np.where(scores[5] > 0, np.float32(0), np.float32(-0.0))
    order = np.argsort(-scores, axis=1, kind="stable")[:, :n]
    wanted = np.where(np.isfinite(np.take_along_axis(scores, order, axis=1)), order, -1)
    assert np.array_equal(top(scores, n), wanted)


def test_places_descend_by_value_and_ties_by_place() -> None:
    values = np.array([[0.5, -1, 2, 2, -0.0, 0.0], [3, 3, 3, 3, 3, 3]], np.float32)
    assert np.array_equal(descending(values), np.argsort(-values, axis=1, kind="stable"))
