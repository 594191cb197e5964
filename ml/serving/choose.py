"""Chooses from ranked lists: merges several, and keeps one row from being all alike."""

from collections.abc import Iterable, Mapping, Sequence, Set

from ml.serving.inputs import TitleFacts

FLATNESS = 20  # the k of reciprocal rank fusion: the larger, the less the first ranks stand out
WINDOW = 6  # how many of the best that are left one title is chosen from
MEMORY = 3  # how many neighbours to the left a title should differ from
STRENGTH = 1.5  # how many ranks one alike neighbour costs


def fuse(lists: Iterable[tuple[float, Sequence[int]]]) -> list[int]:
    """One ranking of several with weights, by reciprocal rank fusion (Cormack, Clarke and Büttcher 2009)."""
    score: dict[int, float] = {}
    for weight, ranked in lists:
        for rank, title_id in enumerate(ranked):
            score[title_id] = score.get(title_id, 0.0) + weight / (FLATNESS + rank)
    return sorted(score, key=lambda title_id: (-score[title_id], title_id))


def allowed(ranked: Iterable[int], titles: Mapping[int, TitleFacts], taken: Set[int], most: int) -> list[int]:
    """The first `most` that may be shown and are not taken, each once; of a series only the first that comes."""
    chosen: dict[int, None] = {}
    series: set[str] = set()
    for title_id in ranked:
        facts = titles.get(title_id)
        if facts is None or title_id in taken or facts.series in series:
            continue
        if facts.series is not None:
            series.add(facts.series)
        chosen[title_id] = None
        if len(chosen) == most:
            break
    return list(chosen)


def spread(ranked: Sequence[int], titles: Mapping[int, TitleFacts], size: int) -> list[int]:
    """The best `size`, with neighbours that differ where the ranking lets them.

    In the manner of maximal marginal relevance (Carbonell and Goldstein 1998): from the first `WINDOW` that are left,
    the one whose rank and likeness to the last chosen cost the least. No title moves up by more than the window.
    """
    pool, recent = list(ranked[: size + WINDOW]), [""] * MEMORY
    chosen: list[int] = []
    kinds = [genres[0] if (genres := titles[title_id].genres) else "" for title_id in pool]
    while pool and len(chosen) < size:
        best = _cheapest(kinds, recent)
        chosen.append(pool.pop(best))
        recent = [*recent[1:], kinds.pop(best)]
    return chosen


def _cheapest(kinds: Sequence[str], recent: Sequence[str]) -> int:
    """Which of the first of these costs the least beside the recent ones; among equals the better ranked."""
    best, least = 0, float("inf")
    for rank, kind in enumerate(kinds[:WINDOW]):
        if rank >= least:  # being alike only adds to the rank
            break
        cost = rank + STRENGTH * (recent.count(kind) if kind else 0)
        if cost < least:
            best, least = rank, cost
    return best
