"""Boosted trees over columns: every split of a tree is decided for many candidates at once.

Without branches the processor has nothing to mispredict, and compares eight candidates in one instruction. The scores
are those of LightGBM's own predictor to the bit: values of leaves are added in double precision, tree after tree.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from marquee.contracts.errors import InvalidInput

Ints = NDArray[np.int32]
CHUNK = 1024  # columns decided at a time: their features stay in the cache
LEAVES = 256  # of a tree at most, so that a leaf's number is a byte: 32 of them are chosen at once


@dataclass(frozen=True)
class Forest:
    """Splits of all trees, tree by tree, each before those below it. A child is a split (≥ 0) or a leaf (-1 - leaf),
    both counted from the tree's first."""

    first: Ints  # (trees + 1,) where each tree's splits begin
    first_leaf: Ints  # (trees,) where its leaves begin
    feature: Ints  # (splits,)
    threshold: NDArray[np.float32]  # (splits,) at most this goes left
    absent_left: NDArray[np.bool_]  # (splits,) whether a value that is not known goes left
    left: Ints
    right: Ints
    leaf: NDArray[np.float64]  # (leaves,)

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """A score for each column of features (features, n)."""
        out = np.zeros(features.shape[1])
        _sum(*(getattr(self, field.name) for field in fields(self)), np.ascontiguousarray(features), out)
        return out


def compiled(booster: Any) -> Forest:
    """A LightGBM model's trees. Raises InvalidInput for splits by category or with zero taken for absent, and for trees
    of more than 256 leaves."""
    trees = [_Tree(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
    splits = [split for tree in trees for split in tree.splits]
    most = max((len(tree.leaves) for tree in trees), default=0)
    if most > LEAVES:
        raise InvalidInput("a tree that is too large", where="ranker", expected=f"{LEAVES} leaves", got=str(most))
    return Forest(
        np.cumsum([0, *(len(tree.splits) for tree in trees)]).astype(np.int32),
        np.cumsum([0, *(len(tree.leaves) for tree in trees)])[:-1].astype(np.int32),
        np.array([split["feature"] for split in splits], np.int32),
        _floored(np.array([split["threshold"] for split in splits], np.float64)),
        np.array([split["absent_left"] for split in splits], bool),
        np.array([split["left"] for split in splits], np.int32),
        np.array([split["right"] for split in splits], np.int32),
        np.array([value for tree in trees for value in tree.leaves], np.float64),
    )


def _floored(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """The largest single-precision number at most each: such a number is at most the one iff at most the other."""
    rounded = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)


class _Tree:
    """A tree as LightGBM dumps it, in rows."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.splits: list[dict[str, Any]] = []
        self.leaves: list[float] = []
        self._walk(root)

    def _walk(self, node: dict[str, Any]) -> int:
        if "leaf_value" in node:
            self.leaves.append(node["leaf_value"])
            return -len(self.leaves)
        split = _split(node)
        self.splits.append(split)
        number = len(self.splits) - 1
        split["left"], split["right"] = self._walk(node["left_child"]), self._walk(node["right_child"])
        return number


def _split(node: dict[str, Any]) -> dict[str, Any]:
    kind = (node["decision_type"], node["missing_type"])
    if kind not in {("<=", "None"), ("<=", "NaN")}:
        raise InvalidInput(
            "a split that is not compiled", where="ranker", expected="<= with None or NaN", got=str(kind)
        )
    # Where training met no absent value, one counts as 0.
    absent_left = node["default_left"] if kind[1] == "NaN" else node["threshold"] >= 0
    return {"feature": node["split_feature"], "threshold": node["threshold"], "absent_left": absent_left}


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _sum(
    first: Ints, first_leaf: Ints, feature: Ints, threshold: NDArray, absent_left: NDArray, left: Ints, right: Ints,
    leaf: NDArray, features: NDArray, out: NDArray,
) -> None:  # fmt: skip
    reached, goes_right = np.zeros((LEAVES, CHUNK), np.uint8), np.empty(CHUNK, np.bool_)
    for begin in range(0, len(out), CHUNK):
        sums = out[begin : begin + CHUNK]
        for tree in range(len(first_leaf)):
            reached[0] = 0
            for split in range(first[tree + 1] - 1, first[tree] - 1, -1):  # from the leaves up
                _decide(
                    features[feature[split], begin : begin + CHUNK], threshold[split], absent_left[split], goes_right
                )
                _choose(goes_right, left[split], right[split], reached, reached[split - first[tree]])
            values = leaf[first_leaf[tree] :]
            for at in range(len(sums)):
                sums[at] += values[reached[0, at]]


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _decide(column: NDArray, threshold: float, absent_left: bool, goes_right: NDArray) -> None:
    if absent_left:
        for at in range(len(column)):
            goes_right[at] = column[at] > threshold
    else:
        for at in range(len(column)):
            goes_right[at] = not column[at] <= threshold


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _choose(goes_right: NDArray, left: int, right: int, reached: NDArray, out: NDArray) -> None:
    """The leaf that each column reaches below a split, from those below its children."""
    if left < 0 and right < 0:
        low, high = np.uint8(-1 - left), np.uint8(-1 - right)
        for at in range(CHUNK):
            out[at] = high if goes_right[at] else low
    elif left < 0:
        low, highs = np.uint8(-1 - left), reached[right]
        for at in range(CHUNK):
            out[at] = highs[at] if goes_right[at] else low
    elif right < 0:
        lows, high = reached[left], np.uint8(-1 - right)
        for at in range(CHUNK):
            out[at] = high if goes_right[at] else lows[at]
    else:
        lows, highs = reached[left], reached[right]
        for at in range(CHUNK):
            out[at] = highs[at] if goes_right[at] else lows[at]
