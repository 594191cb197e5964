"""A codec that saves too little on a title gets no rungs of it."""

from fractions import Fraction

import pytest

from marquee.content.media.hull import convex
from marquee.content.media.hull.plot import draw
from marquee.content.media.hull.saving import saving
from marquee.content.media.hull.search import conclude
from marquee.content.media.ladder import EncodingProfile, profile
from marquee.contracts.ladder import LadderOutcome, LadderSearch, Point, Probe, Probed
from marquee.contracts.plan import Codec
from tests.content.media.hull.made_up import LOST, point, points

CRFS = (22, 30, 38)


def scaled(found: list[Point], factor: float, codec: Codec) -> list[Point]:
    """The same qualities for so many times the bits."""
    return [p.model_copy(update={"kbps": p.kbps * factor, "codec": codec}) for p in found]


@pytest.mark.parametrize("factor", [0.5, 0.95, 1.0, 1.3])
@pytest.mark.parametrize("hardness", [0.3, 1.0, 4.0])
def test_a_saving_is_what_the_same_quality_takes_less(factor: float, hardness: float) -> None:
    hull = convex.hull(points(hardness))
    other = convex.hull(scaled(points(hardness), factor, Codec.VP9))
    assert saving(other, hull, worst=50, best=95) == pytest.approx(1 - factor)
    back = saving(hull, other, worst=50, best=95)
    assert back == pytest.approx(1 - 1 / factor)


def test_what_does_not_meet_says_nothing() -> None:
    low, high = ([p for p in points() if lowest <= p.vmaf <= lowest + 30] for lowest in (20, 60))
    assert saving(convex.hull(high), convex.hull(low), worst=0, best=100) is None


def searched(found: EncodingProfile, **factors: float) -> LadderSearch:
    """What comes of probes in which a codec takes so many times the bits of H.264."""
    probed = {}
    for size in LOST:
        own = [point(*size, crf) for crf in CRFS]
        for name, factor in {"h264": 1.0, **factors}.items():
            codec = Codec(name)
            probe = Probe(search="", codec=codec, width=size[0], height=size[1], name=f"{codec} {size}")
            probed[probe] = Probed(points=tuple(scaled(own, factor, codec)), seconds=1)
    return conclude("premium", found, Fraction(24), (), probed)


def premium(**saves: float) -> EncodingProfile:
    whole = profile("premium")
    searches = {
        codec: search.model_copy(update={"crfs": CRFS, "saves": saves.get(codec.value, search.saves)})
        for codec, search in whole.searches.items()
    }
    return whole.model_copy(update={"searches": searches})


def test_a_codec_that_is_dearer_or_saves_little_is_left_out_and_the_plot_says_so() -> None:
    search = searched(premium(), vp9=1.14, av1=0.6)
    assert {rung.codec for rung in search.rungs} == {Codec.H264, Codec.AV1}
    assert search.left_out == {Codec.VP9: pytest.approx(-0.14, abs=0.001)}
    assert {p.codec for p in search.hull} == {Codec.H264, Codec.VP9, Codec.AV1}  # what was found stays visible
    drawn = draw(LadderOutcome(search=search, outcomes=(), encode_s=0))
    assert drawn.count("left out: takes 14 % more bits than H.264") == 1
    assert LadderSearch.model_validate_json(search.model_dump_json()) == search


def test_how_much_a_codec_has_to_save_is_the_profiles() -> None:
    assert set(searched(premium(av1=0.5), vp9=0.96, av1=0.6).left_out) == {Codec.VP9, Codec.AV1}
    assert searched(premium(vp9=0.03), vp9=0.96, av1=0.6).left_out == {}
