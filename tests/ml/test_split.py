from itertools import pairwise

import numpy as np
import pytest

from marquee.contracts.errors import InvalidInput
from ml import split
from tests.ml.histories import tiny, world


def test_a_temporal_split_parts_the_data_at_one_moment() -> None:
    data = world()
    train, test = split.temporal(data, share=0.8)
    assert train.time.max() < test.time.min()
    assert len(train) + len(test) == len(data)
    assert len(train) == pytest.approx(0.8 * len(data), rel=0.02)


@pytest.mark.parametrize("cut", [{}, {"share": 0.5, "at": 3}, {"at": 0}, {"share": 1.5}])
def test_a_cut_that_is_none_is_refused(cut: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        split.temporal(tiny(), **cut)


def test_windows_follow_each_other_without_gap_or_leak() -> None:
    data = world()
    found = split.windows(data, 3)
    assert len(found) == 3
    for train, test in found:
        assert train.time.max() < test.time.min()
    for (newer, _), (older, window) in pairwise(found):
        assert len(older) + len(window) == len(newer)


def test_a_random_split_takes_its_share_of_every_title() -> None:
    data = world()
    train, test = split.per_item_random(data, seed=3)
    total, kept = (np.bincount(part.item, minlength=data.shape[1]) for part in (data, train))
    assert np.abs(kept - 0.75 * total).max() <= 1
    assert len(train) + len(test) == len(data)
    again, _ = split.per_item_random(data, seed=3)
    other, _ = split.per_item_random(data, seed=4)
    assert again.fingerprint() == train.fingerprint() != other.fingerprint()
