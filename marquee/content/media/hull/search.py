"""Puts a search together: its key, and the ladder from what was probed."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from marquee.content.media.hull import convex, curves, rungs
from marquee.content.media.hull.probes import sample_recipe
from marquee.content.media.hull.saving import saving
from marquee.content.media.hull.synthesis import NO_GRAIN, Grain, with_grain
from marquee.content.media.keys import content_key
from marquee.content.media.ladder import EncodingProfile, cost
from marquee.contracts.ladder import LadderSearch, Point, Probe, Probed
from marquee.contracts.plan import Chunk, Codec, EncodePlan


def search_key(draft: EncodePlan, profile: EncodingProfile) -> str:
    """The folder of a search in the work store: a hash of the picture, the grid, what is searched for, and how
    that is encoded."""
    searched = {c: s.model_dump(mode="json", exclude={"grain_from"}) for c, s in profile.searches.items()}
    grid = draft.grid.model_dump(mode="json", exclude={"segments_per_chunk"})
    sampled = [[chunk.first_frame for chunk in draft.chunks]] if profile.equal_slope else []
    encoded = [sample_recipe(draft, codec, search) for codec, search in profile.searches.items()]
    return content_key("ladders", draft, draft.picture.model_dump(mode="json"), grid, searched, encoded, *sampled)


def conclude(
    name: str,
    profile: EncodingProfile,
    rate: Fraction,
    stretches: Sequence[Chunk],
    probed: Mapping[Probe, Probed],
    grain: Grain = NO_GRAIN,
) -> LadderSearch:
    """The ladder of a title from all its probes. `name` is the profile's."""
    measured = points_of(probed, check=False)
    checks = points_of(probed, check=True)
    found = {codec: list(_anywhere(codec, measured, checks)) for codec in profile.searches}
    hulls = {codec: convex.hull(points) for codec, points in found.items() if points}
    left_out = _left_out(profile, hulls)
    chosen = [
        (with_grain(rung, search, grain), point)
        for codec, search in profile.searches.items()
        if codec in hulls and codec not in left_out
        for rung, point in rungs.choose(found[codec], search, rate)
    ]
    chosen.sort(key=lambda each: cost(each[0]), reverse=True)
    return LadderSearch(
        profile=name,
        stretches=tuple(stretches),
        points=tuple(measured),
        checks=tuple(checks),
        hull=tuple(point for hull in hulls.values() for point in hull),
        rungs=tuple(rung for rung, _ in chosen),
        expected=tuple(point for _, point in chosen),
        seconds=round(sum(each.seconds for each in probed.values()), 2),
        left_out=left_out,
        grain=grain.noise,
    )


def _left_out(profile: EncodingProfile, hulls: Mapping[Codec, Sequence[Point]]) -> dict[Codec, float]:
    """The codecs that save too little of what H.264 takes, and which share of it."""
    if Codec.H264 not in hulls:
        return {}
    found: dict[Codec, float] = {}
    for codec in (codec for codec in hulls if codec is not Codec.H264):
        search = profile.searches[codec]
        share = saving(hulls[codec], hulls[Codec.H264], worst=search.floor, best=search.target)
        if share is not None and share < search.saves:
            found[codec] = round(share, 3)
    return found


def points_of(probed: Mapping[Probe, Probed], *, check: bool) -> list[Point]:
    """All points of the probes, or of the checks, in order."""
    wanted = (found for probe, found in probed.items() if probe.check is check and not probe.by_chunk)
    return [point for found in wanted for point in found.points]


def _anywhere(codec: Codec, measured: Sequence[Point], checks: Sequence[Point]) -> Iterator[Point]:
    """A codec's points at every size and CRF, corrected by its check."""
    correction = correction_of(codec, measured, checks)
    for size in dict.fromkeys((p.width, p.height) for p in measured if p.codec is codec):
        yield from curves.at_every_crf(_of_size(codec, size, measured), correction)


def correction_of(codec: Codec, measured: Sequence[Point], checks: Sequence[Point]) -> curves.Correction:
    """By which a codec's probes are corrected: none where it has no check."""
    check = next((check for check in checks if check.codec is codec), None)
    if check is None:
        return curves.Correction()
    return curves.correct(_of_size(codec, (check.width, check.height), measured), check)


def _of_size(codec: Codec, size: tuple[int, int], points: Sequence[Point]) -> list[Point]:
    return [p for p in points if p.codec is codec and (p.width, p.height) == size]
