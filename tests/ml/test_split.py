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


def test_the_same_model_may_be_asked_about_windows_of_other_lengths() -> None:
    data = world()
    (train, test), (older, before) = split.windows(data, 2, share=0.2, test_share=0.1)
    assert test.time.min() > train.time.max()
    assert test.time.max() < data.time[-1]
    assert len(test) == pytest.approx(0.1 * len(data), rel=0.1)
    assert before.time.max() < test.time.min()
    assert len(older) == pytest.approx(0.6 * len(data), rel=0.02)


def test_the_newest_window_reaches_to_the_last_event_and_none_begins_before_the_first() -> None:
    data = world()
    found = split.windows(data, 12, share=0.1)
    assert found[0][1].time.max() == data.time.max()
    assert len(found) == 9
    assert sum(len(test) for _, test in found) + len(found[-1][0]) == len(data)


def test_both_cuts_and_no_cut_are_named_as_such() -> None:
    for cut in ({}, {"share": 0.5, "at": 3}):
        with pytest.raises(InvalidInput, match="one cut"):
            split.temporal(tiny(), **cut)


def test_without_a_seed_the_random_split_is_that_of_seed_0() -> None:
    data = world()
    assert split.per_item_random(data)[0].fingerprint() == split.per_item_random(data, seed=0)[0].fingerprint()
