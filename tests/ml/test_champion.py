import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from marquee.contracts.errors import InvalidInput, NotFound
from ml import champion_files, split
from ml.champion import Champion
from ml.dataset import Dataset, from_frames
from ml.diversity import ordered, prices
from ml.evaluate import evaluate, paired
from ml.models.ease import Ease
from ml.models.popularity import Popularity
from tests.ml.histories import QUICK, frames, tiny, world


@pytest.fixture(scope="module")
def data() -> Dataset:
    return world()


@pytest.fixture(scope="module")
def champion(data: Dataset) -> Champion:
    return Champion(QUICK, seed=7).fit(data)


def _files(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_fitted_again_it_is_the_same_to_the_bit(data: Dataset, champion: Champion, tmp_path: Path) -> None:
    again = Champion(QUICK, seed=7).fit(data)
    champion_files.save(champion, tmp_path / "first")
    champion_files.save(again, tmp_path / "second")
    assert _files(tmp_path / "first") == _files(tmp_path / "second")
    assert "ranker.txt" in _files(tmp_path / "first")
    assert np.array_equal(champion.recommend(None, 20), again.recommend(None, 20))


def test_saved_and_loaded_it_says_the_same(champion: Champion, tmp_path: Path) -> None:
    champion_files.save(champion, tmp_path)
    loaded = champion_files.load(tmp_path)
    assert np.array_equal(loaded.recommend(None, 20), champion.recommend(None, 20))
    assert np.array_equal(loaded.similar(5), champion.similar(5))
    assert np.array_equal(loaded.fold_in([[1, 2], []], n=5), champion.fold_in([[1, 2], []], n=5))
    assert loaded.params == champion.params


def test_what_a_viewer_does_not_want_is_learned_overnight(data: Dataset, champion: Champion, tmp_path: Path) -> None:
    """The best of the list goes, what was watched counts for nothing, and lists of those who said nothing have both."""
    row, last = 5, int(data.time[-1])
    best, watched = champion.recommend(np.array([row]), 2)[0], data.item[data.user == row]
    refused = sorted({*best.tolist(), int(watched[0])})
    told = replace(data, unwanted=np.array([[row, column, last] for column in refused]))
    later = Champion(QUICK, seed=7).fit(told)
    champion_files.save(later, tmp_path)
    for each in (later, champion_files.load(tmp_path)):
        found = each.recommend(np.array([row]), data.shape[1])[0]
        assert not set(found.tolist()) & {*refused, *watched.tolist()}
        history = each.stages["viewers"].models["ease"].seen[[row]].toarray()[0]
        assert set(np.flatnonzero(history)) == set(watched.tolist()) - {int(watched[0])}
    others = later.recommend(np.setdiff1d(np.arange(data.shape[0]), [row]), 20)
    assert set(best.tolist()) <= set(others.ravel().tolist())


def test_what_is_said_later_changes_nothing_in_how_a_model_is_judged(data: Dataset) -> None:
    past, window = split.temporal(data, share=0.9)
    at = int(window.time[0])
    refused = [[int(user), int(item)] for user, item in zip(past.user[::7], past.item[::7], strict=True)]
    late, early = (
        split.temporal(replace(data, unwanted=np.array([[*pair, when] for pair in refused])), at=at)[0]
        for when in (at, at - 1)
    )
    plain, knowing, untold = (Ease().fit(each).recommend(None, 10) for each in (past, early, late))
    assert np.array_equal(plain, untold)
    assert not np.array_equal(plain, knowing)


def test_a_saved_champion_names_no_viewer(champion: Champion, data: Dataset, tmp_path: Path) -> None:
    champion_files.save(champion, tmp_path)
    for path in tmp_path.glob("*.npz"):
        with np.load(path, allow_pickle=False) as file:
            for name in file.files:
                assert not np.isin(data.users, file[name]).any(), name


def test_what_was_not_saved_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        champion_files.load(tmp_path)


def test_unknown_parameters_are_refused() -> None:
    with pytest.raises(InvalidInput, match="windowz"):
        Champion({"windowz": []})


def test_it_learns_more_than_popularity() -> None:
    train, test = split.temporal(world(3, viewers=400), share=0.85)
    ahead = _ahead(train, train, test)
    assert ahead.low > 0


def test_with_shuffled_labels_it_is_no_better_than_popularity() -> None:
    """Who watched what is shuffled, what was popular when stays: nothing personal is left to learn."""
    train, test = split.temporal(world(3, viewers=400), share=0.85)
    interactions, titles, people = frames(3, 400)
    past = interactions[interactions["time"] < test.time.min()].sort_values("time")
    random = np.random.default_rng(0)
    shuffled = past.assign(item=random.permutation(past["item"].to_numpy()))
    ahead = _ahead(from_frames(shuffled, titles, people.drop(columns="likes")), train, test)
    assert ahead.low <= 0


def _ahead(learned: Dataset, train: Dataset, test: Dataset):
    """How far a champion that learned from some data leads popularity, all-time or recent."""
    hidden = train.matrix()[test.user, test.item]
    assert not np.any(hidden)
    found = evaluate(Champion(QUICK).fit(learned).recommend, train, test)
    floors = [evaluate(Popularity(days).fit(learned).recommend, train, test) for days in (None, 30)]
    return paired(found, max(floors, key=lambda floor: floor.mean().value))


def test_the_future_changes_nothing() -> None:
    """Cut at a moment, the data gives the same champion whatever comes after: no feature looks ahead."""
    interactions, titles, people = frames()
    whole = from_frames(interactions, titles, people)
    at = split.moment(whole, 0.7)
    other = interactions.copy()
    late = other["time"] >= at
    other.loc[late, "item"] = np.random.default_rng(1).permutation(other.loc[late, "item"].to_numpy())
    other.loc[late, "time"] += 5_000_000
    first, second = (
        Champion(QUICK).fit(part.before(at)).recommend(None, 10) for part in (whole, from_frames(other, titles, people))
    )
    assert np.array_equal(first, second)


def test_a_window_teaches_from_its_past_only(data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """The features of every training window end where the window begins."""
    from ml import champion as module

    ends, cuts = [], [split.moment(data, share) for share in QUICK["windows"]]
    fitted = module.champion_stages._fitted

    def watched(made, part: Dataset):
        ends.append(int(part.time[-1]))
        return fitted(made, part)

    monkeypatch.setattr(module.champion_stages, "_fitted", watched)
    Champion(QUICK).fit(data)
    assert all(end < cut for end, cut in zip(ends, cuts, strict=False))
    assert ends[-1] == int(data.time[-1])


def test_nothing_seen_and_nothing_twice(champion: Champion, data: Dataset) -> None:
    seen = data.matrix().toarray() > 0
    for diversity in (0.0, 0.3):
        found = champion.recommend(None, 20, diversity=diversity)
        for row, columns in enumerate(found):
            shown = columns[columns >= 0]
            assert len(set(shown.tolist())) == len(shown)
            assert not seen[row, shown].any()
    again = champion.recommend(None, 20, exclude_seen=False)
    assert seen[np.arange(len(again))[:, None], again].any()


def test_who_else_is_asked_about_changes_nothing(champion: Champion) -> None:
    some = np.array([200, 3, 17])
    assert np.array_equal(champion.recommend(some, 5), champion.recommend(None, 5)[some])


def test_diversity_shows_more_titles(champion: Champion) -> None:
    plain, diverse = (len(np.unique(champion.recommend(None, 5, diversity=share))) for share in (0.0, 0.5))
    assert diverse >= plain


def test_diversity_costs_the_viewer_who_cares_least() -> None:
    """Ten viewers see the same ten titles first; only the last one likes others nearly as much."""
    columns = np.tile(np.arange(30, dtype=np.int32), (10, 1))
    scores = np.where(np.arange(30) < 10, 5.0, [[0.0]] * 9 + [[4.9]]).astype(np.float32)
    cost = prices(columns, scores, 30)
    plain, mixed = (ordered(columns, scores, cost, diversity)[:, :10] for diversity in (0.0, 0.1))
    assert plain.tolist() == [list(range(10))] * 10
    assert (mixed[:9] < 10).all()
    assert (mixed[9] >= 10).any()


def test_what_is_not_there_comes_last_at_any_diversity() -> None:
    columns = np.array([[-1, 3, 1], [-1, -1, -1]], np.int32)
    scores = np.where(columns >= 0, np.float32(0.5), -np.inf).astype(np.float32)
    for diversity in (0.0, 1.0):
        assert ordered(columns, scores, np.ones(4, np.float32), diversity).tolist() == [[3, 1, -1], [-1] * 3]


def test_picks_of_a_new_profile_lead(champion: Champion) -> None:
    even, odd = ([start, start + 20, start + 40] for start in (0, 1))
    found = champion.fold_in([even, odd, []], n=10)
    assert np.mean(found[0] % 2 == 0) > 0.6
    assert np.mean(found[1] % 2 == 1) > 0.6
    assert (found[2] >= 0).all()
    assert not set(even) & set(found[0].tolist())


def test_similar_titles_share_a_genre(champion: Champion) -> None:
    found = champion.similar(5)
    assert np.mean(found % 2 == (np.arange(len(found)) % 2)[:, None]) > 0.6
    assert not (found == np.arange(len(found))[:, None]).any()


def test_it_tells_how_it_learns(data: Dataset) -> None:
    told: list[tuple[str, int, dict[str, float]]] = []
    Champion(QUICK).fit(data, on_epoch=lambda *what: told.append(what))
    assert {"lightfm_0", "ranker"} <= {model for model, _, _ in told}
    assert all(metrics for model, _, metrics in told if model.startswith("ranker"))


def test_tiny_data_is_enough() -> None:
    champion = Champion().fit(tiny())
    assert champion.ranker.trees is None
    found = champion.recommend(None, 10)
    assert found.shape == (3, 10)
    assert champion.fold_in([[0], []], n=3).shape == (2, 3)
    assert champion.similar(3).shape == (5, 3)
