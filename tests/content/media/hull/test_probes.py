"""Probes are real encodes; stretches are typical and on the grid; the plot shows what was found."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from statistics import fmean

import pytest
from defusedxml.ElementTree import fromstring

from marquee.content.media.hull import probes, stretches
from marquee.content.media.hull.plot import draw
from marquee.content.media.hull.search import conclude, search_key
from marquee.content.media.ladder import EncodingProfile, Search, profile
from marquee.content.media.plan import make_plan
from marquee.contracts.ladder import LadderOutcome, LadderSearch, Outcome, Probe, Probed
from marquee.contracts.plan import Codec, DrmScheme, EncodePlan
from marquee.storage import Store

SEARCH = Search(
    preset="veryfast", options="psy=0", probe_preset="ultrafast", heights=(90, 180), crfs=(20, 30, 40), cap_kbps=9000
)
QUICK = profile("tailored").model_copy(update={"searches": {Codec.H264: SEARCH}})
Searched = tuple[EncodePlan, dict[Probe, Probed], LadderSearch]


@pytest.fixture(scope="module")
def draft(accept: Callable, make_clip: Callable) -> EncodePlan:
    """The draft of a film whose second half is busier than its first."""
    busy = "testsrc2=size=320x180:rate=25:duration=8,noise=alls=40:allf=t:enable='gte(t,4)'"
    clip = make_clip("busy.mp4", seconds=8, size="320x180", video=busy, audio=False)
    return make_plan(accept(clip), {}, profile="tailored", scheme=DrmScheme.NONE, rungs=())


@pytest.fixture(scope="module")
def searched(draft: EncodePlan, mezzanine: Store, tmp_path_factory: pytest.TempPathFactory) -> Searched:
    source = mezzanine.fetch(draft.mezzanine_key)
    sample = stretches.choose(source, draft.picture, draft.grid)
    folder = tmp_path_factory.mktemp("probes")
    wanted = probes.probes(draft, QUICK, "key")
    made = {probe: probes.measure(draft, sample, SEARCH, probe, mezzanine, folder) for probe in wanted}
    return draft, made, conclude("tailored", QUICK, draft.grid.frame_rate, sample, made)


def test_a_typical_place_of_each_span_is_taken() -> None:
    weights = [9, 2, 3, 4, 30, 31, 90, 0]
    assert stretches.typical(weights, 2) == [3, 5]
    assert stretches.typical([1] * 9, 3) == [1, 4, 7]
    assert stretches.typical([5], 1) == [0]


def test_bytes_tell_where_a_film_is_busy(draft: EncodePlan, mezzanine: Store) -> None:
    source = mezzanine.fetch(draft.mezzanine_key)
    found = stretches.group_bytes(source, draft.picture, draft.grid, 4)
    assert sum(found) == pytest.approx(source.stat().st_size, rel=0.05)
    assert min(found[2:]) > 2 * max(found[:2])


def test_every_size_is_probed_and_the_largest_is_checked(searched: Searched) -> None:
    _, made, found = searched
    assert [(p.width, p.height, p.check) for p in made] == [(320, 180, True), (320, 180, False), (160, 90, False)]
    assert [len(each.points) for each in made.values()] == [1, 3, 3]
    assert found.seconds == pytest.approx(sum(each.seconds for each in made.values()), abs=0.01)


def test_coarser_is_smaller_and_worse_and_bad_frames_weigh(searched: Searched) -> None:
    for each in searched[1].values():
        rates, scores = [p.kbps for p in each.points], [p.vmaf for p in each.points]
        assert rates == sorted(rates, reverse=True)
        assert scores == sorted(scores, reverse=True)
        assert all(p.vmaf_p5 <= p.vmaf_harmonic <= p.vmaf for p in each.points)


def test_the_ladder_is_of_the_film_and_carries_the_profiles_settings(searched: Searched) -> None:
    _, _, found = searched
    assert found.rungs
    assert len(found.rungs) == len(found.expected)
    assert {(r.preset, r.options) for r in found.rungs} == {("veryfast", "psy=0")}
    assert {(r.width, r.height) for r in found.rungs} <= {(320, 180), (160, 90)}
    assert fmean(p.vmaf for p in found.expected) > 50


def test_the_key_is_of_the_picture_and_of_what_is_searched(draft: EncodePlan) -> None:
    key = search_key(draft, QUICK)
    cropped = draft.model_copy(update={"picture": draft.picture.model_copy(update={"width": 300})})
    other = QUICK.model_copy(update={"searches": {Codec.H264: SEARCH.model_copy(update={"target": 90})}})
    assert len({key, search_key(cropped, QUICK), search_key(draft, other)}) == 3
    longer = draft.grid.model_copy(update={"segments_per_chunk": 9})
    assert search_key(draft.model_copy(update={"grid": longer}), QUICK) == key


def test_the_key_is_of_how_chunks_are_encoded(draft: EncodePlan, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release of ours that encodes otherwise finds none of the searches before."""
    key = search_key(draft, QUICK)
    monkeypatch.setattr("marquee.content.media.encode.BUFFER_S", 2.5)
    assert search_key(draft, QUICK) != key


def test_the_plot_has_every_point_and_what_came_of_it(searched: Searched) -> None:
    _, _, search = searched
    outcome = Outcome(name=search.rungs[0].name, kbps=search.expected[0].kbps, vmaf=90, vmaf_p5=80)
    drawn = fromstring(draw(LadderOutcome(search=search, outcomes=(outcome,), encode_s=search.seconds * 10)))
    dots = [e for e in drawn.findall(".//{*}circle") if e.get("r") == "3"]
    assert len(dots) == len(search.points) + 2  # and one a size in the legend
    assert len([e for e in drawn.findall(".//{*}circle") if e.get("fill") == "none"]) == len(search.rungs)
    assert len(list(drawn.findall(".//{*}rect"))) == 1
    assert "10.0 % of the encode" in "".join(drawn.itertext())


@pytest.mark.parametrize("name", ["tailored", "premium"])
def test_searched_profiles_fit_every_picture(name: str, draft: EncodePlan) -> None:
    chosen: EncodingProfile = profile(name)
    for size in ((3840, 2160), (1080, 1920), (640, 272), (100, 60)):
        picture = draft.picture.model_copy(update=dict(zip(("width", "height"), size, strict=True)))
        found = probes.probes(draft.model_copy(update={"picture": picture}), chosen, "key")
        assert all(p.width <= size[0] and p.height <= size[1] and p.width % 2 == p.height % 2 == 0 for p in found)
        assert len({p.name for p in found}) == len(found)
        assert {p.codec for p in found if p.check} == {p.codec for p in found}
        assert Codec.H264 in {p.codec for p in found}
    assert Fraction(chosen.gop_s) == 2


def test_an_unreadable_source_is_named(draft: EncodePlan, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"none")
    with pytest.raises(Exception, match=r"film\.mp4"):
        stretches.choose(tmp_path / "film.mp4", draft.picture, draft.grid)
