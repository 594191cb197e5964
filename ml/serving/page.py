"""Assembles the rows of one viewer's home page.

Continue watching, My list and Top 10 are lists of fact, shown whole: what was begun, what was put aside, and what
everybody plays. All other rows are choices: none holds what the viewer has begun, seen to the end, put aside or
disliked, and no title stands in two of them. What the viewer has hidden is in no row. Rows take their titles in a fixed
order, wherever they are shown, so that moving rows changes nothing in them.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from marquee.contracts.rows import Chart, RowKind
from ml.serving.choose import WINDOW, allowed, fuse, spread
from ml.serving.inputs import Lists, ServedTitles, Viewer

ROW_SIZE = 20
LEAST = 2  # titles that make a chosen row
SHARE = 6  # in a small catalogue no chosen row takes more than this part of it, so that others have something left
BECAUSE_ROWS = 2
FRESH, PICKED = 2.0, 1.0  # weights of what was watched since the model was made, and of onboarding picks
TASTE_OF = 40  # recommendations that a viewer's taste is read from
LEVELS = 3  # of liking: so few that a page keeps its order from day to day

FACTS = frozenset({RowKind.CONTINUE, RowKind.MY_LIST, RowKind.TOP10})
DEFAULT_ORDER = (
    RowKind.CONTINUE, RowKind.FOR_YOU, RowKind.MY_LIST, RowKind.BECAUSE, RowKind.TOP10,
    RowKind.TRENDING, RowKind.NEW, RowKind.GEMS, RowKind.LEAVING,
)  # fmt: skip
LEADING = frozenset({RowKind.CONTINUE, RowKind.FOR_YOU, RowKind.MY_LIST})  # these lead every page


@dataclass(frozen=True, slots=True)
class Row:
    """A row. `reason` is the code of why it is there; `seeds` are the titles that it comes from, if any."""

    kind: RowKind
    reason: str
    titles: tuple[int, ...]
    seeds: tuple[int, ...] = ()


def assemble(viewer: Viewer, lists: Lists, served: ServedTitles, *, personal: bool = True) -> list[Row]:
    """The rows of a page, in the order in which they are shown: the viewer's own if `personal`, else the default."""
    rows = sorted(_filled(viewer, lists, served), key=lambda row: DEFAULT_ORDER.index(row.kind))
    return _ordered(rows, viewer, lists, served) if personal else rows


def _filled(viewer: Viewer, lists: Lists, served: ServedTitles) -> Iterator[Row]:
    taken = {each.title_id for each in viewer.watched} | viewer.disliked | viewer.hidden
    size = max(4, min(ROW_SIZE, len(served.titles) // SHARE))
    for wish in _wishes(viewer, lists, served):
        if wish.kind in FACTS:
            if titles := [title_id for title_id in wish.titles if title_id not in viewer.hidden]:
                yield replace(wish, titles=tuple(titles))
                if wish.kind is not RowKind.TOP10:
                    taken.update(titles)
            continue
        left = allowed(wish.titles, served.titles, taken, size + WINDOW)
        titles = spread(left, served.titles, size) if wish.seeds or wish.kind is RowKind.FOR_YOU else left[:size]
        if len(titles) >= LEAST:
            taken.update(titles)
            yield Row(wish.kind, wish.reason, tuple(titles), wish.seeds)


def _wishes(viewer: Viewer, lists: Lists, served: ServedTitles) -> Iterator[Row]:
    """Every row with all its candidates, in the order in which they take their titles."""
    yield Row(RowKind.CONTINUE, "begun", tuple(_begun(viewer, served))[:ROW_SIZE])
    yield Row(RowKind.MY_LIST, "listed", tuple(t for t in viewer.my_list if t in served.titles)[:ROW_SIZE])
    if lists.recommended:
        yield _for_you(viewer, lists)
        yield from _because(viewer, lists, served)
    else:  # the same seeds lead to both, and the row that names its seed says more
        yield from _because(viewer, lists, served)
        yield _for_you(viewer, lists)
    yield Row(RowKind.TOP10, "most_played", tuple(islice(_chart(served, Chart.TOP10), 10)))
    yield Row(RowKind.TRENDING, "rising", tuple(islice(_trending(viewer, served), 4 * ROW_SIZE)))
    yield Row(RowKind.NEW, "newest", tuple(served.newest[: 4 * ROW_SIZE]))
    yield Row(RowKind.GEMS, "liked_by_few", tuple(_chart(served, Chart.GEMS)))
    yield Row(RowKind.LEAVING, "leaving", tuple(_chart(served, Chart.LEAVING)))


def _begun(viewer: Viewer, served: ServedTitles) -> Iterator[int]:
    """What goes on: titles begun, and after an episode that was seen to the end the next one."""
    known = {each.title_id for each in viewer.watched}
    for each in viewer.watched:
        if not each.finished:
            if each.title_id in served.titles:
                yield each.title_id
        elif (following := served.following.get(each.title_id)) and following not in known:
            yield following


def _for_you(viewer: Viewer, lists: Lists) -> Row:
    """The model's list, moved by what was watched since; without one, what is like the last watched and the picks."""
    seeds = viewer.seeds[:3]
    fresh = [each.title_id for each in seeds if each.at_ms > lists.made_ms]
    near = [(FRESH, lists.similar[seed]) for seed in [*fresh, *viewer.liked[:3]] if seed in lists.similar]
    if lists.recommended:
        ranked = fuse([(2 * FRESH, lists.recommended), *near]) if near else lists.recommended
        return Row(RowKind.FOR_YOU, "model", tuple(ranked))
    leads = dict.fromkeys([*(each.title_id for each in seeds), *viewer.liked[:3]])
    near = [(FRESH, lists.similar[lead]) for lead in leads if lead in lists.similar]
    picked = [] if len(near) >= 3 else [pick for pick in viewer.picks if pick in lists.similar]
    ranked = fuse([*near, *((PICKED, lists.similar[pick]) for pick in picked)])
    ranked = [title_id for title_id in ranked if title_id not in viewer.picks]  # already known to the viewer
    return Row(RowKind.FOR_YOU, "recent" if near else "picks", tuple(ranked), () if near else tuple(picked[:3]))


def _because(viewer: Viewer, lists: Lists, served: ServedTitles) -> Iterator[Row]:
    leads = dict.fromkeys([each.title_id for each in viewer.seeds], "watched")
    leads = {title_id: "liked" for title_id in viewer.liked if title_id not in leads} | leads
    shown = [title_id for title_id in leads if title_id in served.titles and title_id in lists.similar]
    for seed in sorted(shown, key=lambda title_id: leads[title_id] == "liked")[:BECAUSE_ROWS]:
        yield Row(RowKind.BECAUSE, leads[seed], tuple(lists.similar[seed]), (seed,))


def _chart(served: ServedTitles, chart: Chart) -> Iterator[int]:
    return (title_id for title_id in served.charts.get(chart, ()) if title_id in served.titles)


def _trending(viewer: Viewer, served: ServedTitles) -> Iterator[int]:
    """In the viewer's languages, where any are known."""
    for title_id in _chart(served, Chart.TRENDING):
        if not viewer.languages or _base(served.titles[title_id].language) in viewer.languages:
            yield title_id


@lru_cache(maxsize=1000)
def _base(language: str) -> str:
    return language.partition("-")[0].lower()


def _ordered(rows: list[Row], viewer: Viewer, lists: Lists, served: ServedTitles) -> list[Row]:
    """The leading rows, then the others by how much of the viewer's taste is in them; equals in the default order."""
    taste = _taste(viewer, lists, served)

    def level(row: Row) -> int:
        if row.kind in LEADING:
            return -LEVELS - 1
        likings = [max((taste.get(g, 0.0) for g in served.titles[t].genres), default=0.0) for t in row.titles[:6]]
        return -round(LEVELS * sum(likings) / len(likings))

    return sorted(rows, key=level)


def _taste(viewer: Viewer, lists: Lists, served: ServedTitles) -> dict[str, float]:
    """Genres by how much the viewer takes to them, the best liked with 1."""
    liked = [*lists.recommended[:TASTE_OF], *(each.title_id for each in viewer.seeds), *viewer.picks, *viewer.liked]
    counts = Counter(g for t in liked if t in served.titles for g in served.titles[t].genres)
    most = max(counts.values(), default=1)
    return {genre: count / most for genre, count in counts.items()}
