"""Ladders: never above the source, in its shape, even, in order."""

from fractions import Fraction

import pytest

from marquee.content.media.ladder import cost, ladder, profile, profiles
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import Codec

RATE = Fraction(25)
SIZES = [(1920, 1080), (1080, 1920), (1920, 804), (1440, 1074), (640, 478), (640, 272), (1282, 722), (3840, 2160)]


FIXED = [name for name, each in profiles().items() if each.ladders]


@pytest.mark.parametrize("name", FIXED)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_rungs_fit_into_the_source_in_its_shape(name: str, width: int, height: int) -> None:
    rungs = ladder(profile(name), width, height, RATE)
    assert all(r.width <= width and r.height <= height for r in rungs)
    assert all(r.width % 2 == r.height % 2 == 0 for r in rungs)
    assert all(r.width / r.height == pytest.approx(width / height, rel=0.02) for r in rungs)
    assert len({r.name for r in rungs}) == len(rungs)
    assert [cost(r) for r in rungs] == sorted(map(cost, rungs), reverse=True)


@pytest.mark.parametrize(("width", "height"), [(640, 478), (1440, 1074), (1080, 1920), (640, 272)])
def test_a_source_between_the_steps_is_its_own_top(width: int, height: int) -> None:
    rungs = [r for r in ladder(profile("standard"), width, height, RATE) if r.codec is Codec.H264]
    assert max((r.width, r.height) for r in rungs) == (width, height)


def test_a_tiny_source_gives_one_rung() -> None:
    (rung,) = ladder(profile("standard"), 60, 100, RATE)
    assert (rung.codec, rung.width, rung.height) == (Codec.H264, 60, 100)


def test_the_standard_profile_at_1080_lines() -> None:
    rungs = ladder(profile("standard"), 1920, 1080, RATE)
    assert {r.name for r in rungs} == {"h264-1080p", "h264-720p", "h264-540p", "h264-360p", "h264-234p", "av1-720p"}


def test_caps_fall_with_the_area_and_rise_with_the_rate() -> None:
    def top(width: int, height: int, rate: int) -> int:
        return ladder(profile("preview"), width, height, Fraction(rate))[0].maxrate_kbps

    assert top(640, 268, 25) < top(640, 360, 25) < top(640, 360, 50)


def test_an_unknown_profile_is_named_with_those_that_exist() -> None:
    with pytest.raises(InvalidInput, match=rf"{', '.join(profiles())}; got 'cinema'"):
        profile("cinema")
