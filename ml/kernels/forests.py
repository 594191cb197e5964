"""Boosted trees over columns: every split of a tree is decided for many candidates at once.

Values are first replaced by how many of their feature's thresholds they exceed. Those are bytes, so a processor decides
32 candidates by one comparison, and without branches it has nothing to mispredict. The scores are those of LightGBM's
own predictor to the bit: values of leaves are added in double precision, tree after tree.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numba import njit, uintp
from numpy.typing import NDArray

from marquee.contracts.errors import InvalidInput

Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]
CHUNK = uintp(2048)  # columns decided at a time: their bytes stay in the cache
LEAVES = 256  # of a tree at most, so that a leaf's number is a byte
THRESHOLDS = 255  # of a feature at most, so that how many are exceeded is a byte


@dataclass(frozen=True)
class Forest:
    """Splits of all trees, tree by tree, each before those below it. A child is a split (≥ 0) or a leaf (-1 - leaf),
    both counted from the tree's first. A side is a feature with the way that its absent values go."""

    feature: Ints  # (sides,)
    absent_left: NDArray[np.bool_]  # (sides,) whether a value that is not known goes left
    first_threshold: Ints  # (sides + 1,) where each side's thresholds begin
    threshold: NDArray[np.float32]  # (thresholds,), ascending within a side
    first: Ints  # (trees + 1,) where each tree's splits begin
    first_leaf: Ints  # (trees,) where its leaves begin
    side: Ints  # (splits,)
    most: Bytes  # (splits,) what exceeds at most so many of the side's thresholds goes left
    left: Ints
    right: Ints
    leaf: NDArray[np.float64]  # (leaves,)

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """A score for each column of features (features, n)."""
        out = np.zeros(features.shape[1])
        _sum(*(getattr(self, field.name) for field in fields(self)), np.ascontiguousarray(features), out)
        return out


def compiled(booster: Any) -> Forest:
    """A LightGBM model's trees. Raises InvalidInput for splits by category or with zero taken for absent, for trees of
    more than 256 leaves and for features of more than 255 thresholds."""
    trees = [_Tree(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
    splits = [split for tree in trees for split in tree.splits]
    _small(max((len(tree.leaves) for tree in trees), default=0), LEAVES, "leaves of a tree")
    feature = np.array([split["feature"] for split in splits], np.int32)
    absent_left = np.array([split["absent_left"] for split in splits], bool)
    threshold = _floored(np.array([split["threshold"] for split in splits], np.float64))
    sides, side = np.unique(np.stack([feature, absent_left]), axis=1, return_inverse=True)
    distinct = [np.unique(threshold[side == number]) for number in range(sides.shape[1])]
    _small(max(map(len, distinct), default=0), THRESHOLDS, "thresholds of a feature")
    return Forest(
        sides[0],
        sides[1].astype(bool),
        np.cumsum([0, *map(len, distinct)]).astype(np.int32),
        np.concatenate([np.zeros(0, np.float32), *distinct]),
        np.cumsum([0, *(len(tree.splits) for tree in trees)]).astype(np.int32),
        np.cumsum([0, *(len(tree.leaves) for tree in trees)])[:-1].astype(np.int32),
        side.astype(np.int32),
        np.array([np.searchsorted(distinct[of], at) for of, at in zip(side, threshold, strict=True)], np.uint8),
        np.array([split["left"] for split in splits], np.int32),
        np.array([split["right"] for split in splits], np.int32),
        np.array([value for tree in trees for value in tree.leaves], np.float64),
    )


def _small(found: int, most: int, what: str) -> None:
    if found > most:
        raise InvalidInput("trees that are too large", where="ranker", expected=f"{most} {what}", got=str(found))


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
    feature: Ints, absent_left: NDArray, first_threshold: Ints, threshold: NDArray, first: Ints, first_leaf: Ints,
    side: Ints, most: Bytes, left: Ints, right: Ints, leaf: NDArray, features: NDArray, out: NDArray,
) -> None:  # fmt: skip
    exceeded, reached = np.zeros(len(feature) * CHUNK, np.uint8), np.zeros(LEAVES * CHUNK, np.uint8)
    wide = np.empty(CHUNK, np.int32)
    for begin in range(0, len(out), CHUNK):
        sums = out[begin : begin + CHUNK]
        for at in range(len(feature)):
            limits = threshold[first_threshold[at] : first_threshold[at + 1]]
            counts = exceeded[at * CHUNK : (at + 1) * CHUNK]
            _count(features[feature[at], begin : begin + CHUNK], limits, absent_left[at], wide, counts)
        for tree in range(len(first_leaf)):
            reached[:CHUNK] = 0
            for split in range(first[tree + 1] - 1, first[tree] - 1, -1):  # from the leaves up
                _choose(exceeded, side[split], most[split], left[split], right[split], reached, split - first[tree])
            values = leaf[first_leaf[tree] :]
            for at in range(len(sums)):
                sums[at] += values[reached[at]]


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _count(column: NDArray, limits: NDArray, absent_left: bool, wide: Ints, out: Bytes) -> None:
    """How many of the limits each value exceeds: none or all where it is not known. Counted in the width of a value,
    so that nothing is narrowed at each comparison."""
    wide[:] = 0
    for limit in limits:
        if absent_left:
            for at in range(len(column)):
                wide[at] += np.int32(column[at] > limit)
        else:
            for at in range(len(column)):
                wide[at] += np.int32(not column[at] <= limit)
    for at in range(CHUNK):
        out[at] = np.uint8(wide[at])


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _choose(exceeded: Bytes, side: int, most: int, left: int, right: int, reached: Bytes, split: int) -> None:
    """The leaf that each column reaches below a split, from those below its children. Parts of arrays are told by
    where they begin: to cut them out takes as long as the work."""
    low, high = np.uint8(-1 - left), np.uint8(-1 - right)
    e, out = uintp(side) * CHUNK, uintp(split) * CHUNK
    lows, highs = uintp(max(left, 0)) * CHUNK, uintp(max(right, 0)) * CHUNK
    if left < 0 and right < 0:
        for at in range(CHUNK):
            reached[out + at] = high if exceeded[e + at] > most else low
    elif left < 0:
        for at in range(CHUNK):
            further = reached[highs + at]  # fetched in any case: a fetch on a condition is not done many at a time
            reached[out + at] = further if exceeded[e + at] > most else low
    elif right < 0:
        for at in range(CHUNK):
            nearer = reached[lows + at]
            reached[out + at] = high if exceeded[e + at] > most else nearer
    else:
        for at in range(CHUNK):
            nearer, further = reached[lows + at], reached[highs + at]
            reached[out + at] = further if exceeded[e + at] > most else nearer
