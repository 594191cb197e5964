"""Viewers have tastes that can be learned from what they watch."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from marquee.viewing.simulation.spec import DAY_MS, Spec
from marquee.viewing.simulation.world import simulate

SPEC = Spec(viewers=500, titles=100, days=24, start=date(2026, 3, 2), seed=11, visits=0.9, premieres=0.0)


@pytest.fixture(scope="module")
def liked():
    """Viewers × titles: what was watched well before and after the twentieth day."""
    rows = pa.concat_tables([chunk.playbacks for chunk in simulate(SPEC)]).to_pandas()
    rows = rows[rows.covered_ms > 0.3 * rows.duration_ms]
    viewer = np.unique(rows.profile_id, return_inverse=True)[1]
    title = np.unique(rows.title_id, return_inverse=True)[1]
    late = (rows.started_ms >= SPEC.start_ms + 18 * DAY_MS).to_numpy()
    tables = np.zeros((2, viewer.max() + 1, title.max() + 1))
    tables[late.astype(int), viewer, title] = 1
    return tables[0], tables[1]


def hits(scores, early, late):
    """Share of late likings among the ten best that were not watched early."""
    new = late * (early == 0)
    best = np.argsort(-np.where(early > 0, -np.inf, scores), axis=1, kind="stable")[:, :10]
    return np.take_along_axis(new, best, axis=1).sum() / new.sum()


def neighbours(early):
    norm = np.sqrt(early.sum(axis=0)) + 5  # few viewers say little
    similar = early.T @ early / norm[:, None] / norm[None, :]
    np.fill_diagonal(similar, 0)
    return early @ similar


def test_neighbours_of_what_was_watched_beat_what_is_popular(liked):
    early, late = liked
    popular = np.broadcast_to(early.sum(axis=0), early.shape)
    learned, common = hits(neighbours(early), early, late), hits(popular, early, late)
    assert learned > 1.15 * common


def test_nothing_is_learned_from_shuffled_viewers(liked):
    early, late = liked
    shuffled = np.random.default_rng(3).permutation(len(early))
    popular = np.broadcast_to(early.sum(axis=0), early.shape)
    others = neighbours(early[shuffled])
    assert hits(others, early, late) < 1.05 * hits(popular, early, late)


def test_few_titles_have_most_of_the_viewers(liked):
    plays = np.sort(sum(liked).sum(axis=0))[::-1]
    assert plays[:20].sum() > 0.35 * plays.sum()
    assert (plays > 0).all()
