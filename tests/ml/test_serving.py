"""Laws of a page of rows, on pages of many random viewers; and that arms are stable, balanced and independent."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from marquee.contracts.rows import Chart, RowKind
from ml.serving import Experiment, Lists, Row, ServedTitles, TitleFacts, Viewer, Watched, assemble, words_of
from ml.serving.choose import WINDOW, fuse, spread
from ml.serving.page import DEFAULT_ORDER, FACTS, LEADING, ROW_SIZE

GENRES = ("drama", "comedy", "crime", "western", "horror")
LANGUAGES = ("en", "de", "fr")


def served_titles(count: int, seed: int = 1) -> ServedTitles:
    """A catalogue of `count` titles, numbered from 1, of which a third are episodes of few series."""
    chance = random.Random(seed)
    titles = {
        n: TitleFacts(
            f"Title {n}",
            tuple(chance.sample(GENRES, 2)),
            chance.choice(LANGUAGES),
            f"series-{n % 4}" if n % 3 == 0 else None,
        )
        for n in range(1, count + 1)
    }
    charts = {chart: tuple(chance.sample(range(1, count * 2), min(count, 60))) for chart in Chart}
    return ServedTitles(titles, tuple(range(count, 0, -1)), charts)


def someone(seed: int, count: int) -> tuple[Viewer, Lists]:
    """A viewer, and lists that also name titles that are not on the served."""
    chance = random.Random(seed)
    everything = range(1, count + 20)
    begun = chance.sample(everything, chance.randint(0, 6))
    watched = tuple(Watched(t, 1000 - i, (share := chance.random()), share > 0.9) for i, t in enumerate(begun))
    picks = tuple(chance.sample(everything, chance.randint(0, 4)))
    recommended = tuple(chance.sample(everything, min(50, count))) if chance.random() < 0.6 else ()
    similar = {t: tuple(chance.sample(everything, min(30, count))) for t in {*begun, *picks} if chance.random() < 0.8}
    languages = frozenset(chance.sample(LANGUAGES, chance.randint(0, 2)))
    return Viewer(seed, languages, watched, picks), Lists(recommended, similar, made_ms=chance.choice([0, 997, 2000]))


SIZES = (0, 1, 3, 12, 40, 300)
many = pytest.mark.parametrize("count", SIZES)


@many
def test_no_title_is_chosen_twice_nor_one_that_was_begun_nor_one_off_the_shelves(count: int) -> None:
    served = served_titles(count)
    for seed in range(150):
        viewer, lists = someone(seed, count)
        rows = assemble(viewer, lists, served)
        chosen = [title for row in rows if row.kind not in FACTS for title in row.titles]
        assert len(chosen) == len(set(chosen))
        assert not {each.title_id for each in viewer.watched} & set(chosen)
        assert {title for row in rows for title in row.titles} <= set(served.titles)
        assert all(0 < len(row.titles) <= ROW_SIZE for row in rows)
        assert max(Counter(title for row in rows for title in row.titles).values(), default=0) <= 2


@many
def test_moving_rows_changes_nothing_in_them(count: int) -> None:
    served = served_titles(count)
    for seed in range(100):
        viewer, lists = someone(seed, count)
        default = assemble(viewer, lists, served, personal=False)
        own = assemble(viewer, lists, served)
        assert sorted(default, key=repr) == sorted(own, key=repr)
        assert [r.kind for r in default] == sorted((r.kind for r in default), key=DEFAULT_ORDER.index)
        leading = [r.kind for r in own if r.kind in LEADING]
        assert [r.kind for r in own][: len(leading)] == leading == [r.kind for r in default if r.kind in LEADING]


def test_the_same_viewer_gets_the_same_page() -> None:
    served = served_titles(100)
    for seed in range(50):
        assert assemble(*someone(seed, 100), served) == assemble(*someone(seed, 100), served)


def test_orders_differ_between_viewers() -> None:
    served = served_titles(300)
    orders = {tuple(row.kind for row in assemble(*someone(seed, 300), served)) for seed in range(100)}
    assert len(orders) > 10


def test_order_is_stable_under_small_changes() -> None:
    """Another title in the middle of the model's list: most pages keep their order, even where likings are alike."""
    served, kept = served_titles(300), 0
    for seed in range(100):
        viewer, lists = someone(seed, 300)
        another = replace(lists, recommended=(*lists.recommended[:39], 7, *lists.recommended[40:]))
        changed = another if lists.recommended else lists
        orders = [[r.kind for r in assemble(viewer, each, served)] for each in (lists, changed)]
        kept += orders[0] == orders[1]
    assert kept >= 80


def test_every_page_has_something_to_watch() -> None:
    for count in (2, 5, 30):
        bare = replace(served_titles(count), charts={})
        assert assemble(Viewer(1), Lists(), bare)


def test_of_a_series_one_title_stands_in_a_row() -> None:
    served = served_titles(60)
    for seed in range(60):
        for row in assemble(*someone(seed, 60), served):
            series = [served.titles[t].series for t in row.titles if served.titles[t].series]
            assert row.kind in FACTS or len(series) == len(set(series))


def test_trending_keeps_to_the_viewers_languages() -> None:
    served = served_titles(300)
    viewer = Viewer(1, frozenset({"de"}))
    (row,) = [r for r in assemble(viewer, Lists(), served) if r.kind is RowKind.TRENDING]
    assert {served.titles[t].language for t in row.titles} == {"de"}


def test_what_was_watched_since_the_model_was_made_moves_its_list() -> None:
    served = replace(served_titles(200), charts={})
    recommended, near = tuple(range(1, 60)), tuple(range(100, 130))
    before = Watched(150, at_ms=10, share=1.0, finished=True)
    lists = Lists(recommended, {150: near}, made_ms=20)

    def for_you(viewer: Viewer) -> tuple[int, ...]:
        return next(r.titles for r in assemble(viewer, lists, served) if r.kind is RowKind.FOR_YOU)

    assert not set(near) & set(for_you(Viewer(1, watched=(before,))))
    moved = for_you(Viewer(1, watched=(replace(before, at_ms=30),)))
    assert set(near) & set(moved)
    assert set(recommended) & set(moved)


def test_viewing_supersedes_picks() -> None:
    served = replace(served_titles(200), charts={})
    similar = {n: tuple(range(n * 10, n * 10 + 10)) for n in (2, 3, 4, 9)}

    def rows(*watched: int) -> list[Row]:
        seen = tuple(Watched(t, 100, 1.0, finished=True) for t in watched)
        return assemble(Viewer(1, watched=seen, picks=(9,)), Lists((), similar), served)

    assert [r.reason for r in rows() if r.kind is RowKind.FOR_YOU] == ["picks"]
    shown = {t for r in rows(2, 3, 4) if r.kind is not RowKind.NEW for t in r.titles}
    assert not set(similar[9]) & shown


def test_neighbours_differ_but_nothing_leaps_ahead() -> None:
    titles = {n: TitleFacts("", ("drama",) if n % 5 else ("comedy",)) for n in range(60)}
    alike = TitleFacts("", ("drama",))
    ranked = list(range(60))
    chosen = spread(ranked, titles, 20)
    assert chosen != ranked[:20]
    assert len(set(chosen)) == 20
    assert all(title - place < WINDOW for place, title in enumerate(chosen))
    assert spread(ranked, dict.fromkeys(titles, alike), 20) == ranked[:20]


def test_fusion_keeps_one_ranking_and_mends_two_evenly() -> None:
    assert fuse([(1.0, [5, 3, 9])]) == [5, 3, 9]
    assert fuse([(1.0, [1, 2]), (1.0, [3, 4])]) == [1, 3, 2, 4]
    assert fuse([(1.0, [1, 2, 3]), (1.0, [3, 2, 1])]) == fuse([(1.0, [3, 2, 1]), (1.0, [1, 2, 3])])


def test_every_row_has_words() -> None:
    served = served_titles(300)
    for seed in range(80):
        for row in assemble(*someone(seed, 300), served):
            words = words_of(row, [served.titles[t].name if t in served.titles else "Elsewhere" for t in row.seeds])
            assert words.title
            assert words.reason


class TestArms:
    HALVES = Experiment("row-order", "salt", {"control": 0.5, "treatment": 0.5})

    def test_an_arm_stays_whatever_else_runs(self) -> None:
        assert [self.HALVES.arm(n) for n in range(6)] == [replace(self.HALVES).arm(n) for n in range(6)]
        assert "".join(self.HALVES.arm(n << 22)[0] for n in range(12)) == "cctccttccttc"

    def test_shares_are_kept(self) -> None:
        thirds = Experiment("x", "other", {"control": 1, "a": 1, "b": 2})
        counts = Counter(thirds.arm(910_000_000_000_000_000 + (n << 22)) for n in range(20_000))
        for name, share in (("control", 0.25), ("a", 0.25), ("b", 0.5)):
            assert abs(counts[name] / 20_000 - share) < 0.015  # five standard deviations

    def test_tests_are_independent(self) -> None:
        other = Experiment("y", "pepper", self.HALVES.arms)
        both = Counter((self.HALVES.arm(n), other.arm(n)) for n in range(20_000))
        assert all(abs(count / 20_000 - 0.25) < 0.017 for count in both.values())

    def test_the_first_arm_is_the_control(self) -> None:
        assert [self.HALVES.controls(n) for n in range(50)] == [self.HALVES.arm(n) == "control" for n in range(50)]
        assert self.HALVES.label(1) == f"row-order:{self.HALVES.arm(1)}"
