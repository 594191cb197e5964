"""Puts a search together: its key, and the ladder from what was probed."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from marquee.content.media.hull import convex, curves, rungs
from marquee.content.media.keys import content_key
from marquee.content.media.ladder import EncodingProfile, cost
from marquee.contracts.ladder import LadderSearch, Point, Probe, Probed
from marquee.contracts.plan import Chunk, Codec, EncodePlan


def search_key(draft: EncodePlan, profile: EncodingProfile) -> str:
    """The folder of a search in the work store: a hash of the picture, the grid and what is searched for."""
    searched = {codec: search.model_dump(mode="json") for codec, search in profile.searches.items()}
    grid = draft.grid.model_dump(mode="json", exclude={"segments_per_chunk"})
    return content_key("ladders", draft, draft.picture.model_dump(mode="json"), grid, searched)


def conclude(
    name: str,
    profile: EncodingProfile,
    rate: Fraction,
    stretches: Sequence[Chunk],
    probed: Mapping[Probe, Probed],
) -> LadderSearch:
    """The ladder of a title from all its probes. `name` is the profile's."""
    measured = _points(probed, check=False)
    checks = _points(probed, check=True)
    chosen, best = [], []
    for codec, search in profile.searches.items():
        points = list(_anywhere(codec, measured, checks))
        if points:
            best += convex.hull(points)
            chosen += rungs.choose(points, search, rate)
    chosen.sort(key=lambda each: cost(each[0]), reverse=True)
    return LadderSearch(
        profile=name,
        stretches=tuple(stretches),
        points=tuple(measured),
        checks=tuple(checks),
        hull=tuple(best),
        rungs=tuple(rung for rung, _ in chosen),
        expected=tuple(point for _, point in chosen),
        seconds=round(sum(each.seconds for each in probed.values()), 2),
    )


def _points(probed: Mapping[Probe, Probed], *, check: bool) -> list[Point]:
    return [point for probe, found in probed.items() if probe.check is check for point in found.points]


def _anywhere(codec: Codec, measured: Sequence[Point], checks: Sequence[Point]) -> Iterator[Point]:
    """A codec's points at every size and CRF, corrected by its check."""
    sizes: dict[tuple[int, int], list[Point]] = {}
    for point in measured:
        if point.codec is codec:
            sizes.setdefault((point.width, point.height), []).append(point)
    found = (curves.correct(sizes[c.width, c.height], c) for c in checks if c.codec is codec)
    correction = next(found, curves.Correction())
    for points in sizes.values():
        yield from curves.at_every_crf(points, correction)
