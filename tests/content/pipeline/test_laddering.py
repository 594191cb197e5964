"""A title's ladder is searched in steps that can be killed and run again; what is much wanted earns more codecs."""

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from marquee.catalogue import demand as forecasts
from marquee.catalogue import releases
from marquee.catalogue.database import begin
from marquee.content.delivery.compose import compose
from marquee.content.desk import again
from marquee.content.desk.ladder_plot import ladder_plot
from marquee.content.media.hull import probes, slope
from marquee.content.media.ladder import Search, profile, profiles
from marquee.content.origin.replica import complete
from marquee.content.pipeline import ingest, laddering, planning, plans, quality, stores
from marquee.content.pipeline.inline import carry
from marquee.contracts.errors import NotFound
from marquee.contracts.plan import Codec, DrmScheme
from marquee.settings import settings
from marquee.viewing.pipeline import demand
from tests.conftest import MakeClip

SEARCH = Search(
    preset="12", probe_preset="12", heights=(108,), crfs=(28, 40, 52), cap_kbps=90_000, grain_from=2.0, least_kbps=1
)
QUICK = profile("tailored").model_copy(
    update={"gop_s": Fraction(1, 2), "chunk_s": 1.0, "searches": {Codec.AV1: SEARCH}, "equal_slope": True}
)
pytestmark = pytest.mark.usefixtures("catalogue")


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def delivered(make_clip: MakeClip) -> str:
    clip = make_clip("film.mp4", seconds=2, size="192x108")
    return compose(settings().inbox, clip, title="A film", year=2026)


def _expect(title_id: int, plays: float) -> None:
    with begin() as session:
        forecasts.replace(session, datetime.now(UTC).date(), "test", [(title_id, "FR", plays, plays, plays)])


def _release(release_id: int) -> releases.Release:
    with begin() as session:
        return releases.document(releases.get(session, release_id))


def test_a_search_that_is_killed_goes_on_where_it_was(delivered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = ingest.ingest(delivered)
    checked = quality.check(taken.delivery_id, "ebu-r128")
    asked = taken.delivery_id, checked.report_id
    wanted = planning.probes(*asked, ladder="tailored")
    assert {probe.codec for probe in wanted} == {Codec.H264}
    with pytest.raises(NotFound):
        planning.plan(*asked, ladder="tailored", scheme=DrmScheme.NONE)

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(probes, "encode_scored", die)
        with pytest.raises(Killed):
            laddering.probe(wanted[0])
    assert planning.probes(*asked, ladder="tailored") == wanted
    made = laddering.probe(wanted[0])
    assert planning.probes(*asked, ladder="tailored") == wanted[1:]
    with monkeypatch.context() as patched:
        patched.setattr(probes, "encode_scored", die)
        assert laddering.probe(wanted[0]) == made
    for probe in wanted[1:]:
        laddering.probe(probe)
    planned = planning.plan(*asked, ladder="tailored", scheme=DrmScheme.NONE)
    assert planning.plan(*asked, ladder="tailored", scheme=DrmScheme.NONE) == planned
    assert not any(key.startswith("chunks/") for key in stores.work().keys())  # noqa: SIM118 (a store's)


def test_a_profile_may_want_a_quality_by_chunk_and_grain_made_anew(
    make_clip: MakeClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    grain = "noise=c0s=14:c0f=t+u,noise=c0s=30:c0f=t+u:enable='gte(t,1)'"
    video = f"nullsrc=size=320x192:rate=25:duration=2,geq=lum=100+X/16:cb=128:cr=128,{grain}"
    clip = make_clip("halves.mp4", seconds=2, size="320x192", video=video, extra=("-qp", "0"))
    taken = ingest.ingest(compose(settings().inbox, clip, title="Two halves", year=2026))
    asked = taken.delivery_id, quality.check(taken.delivery_id, "ebu-r128").report_id
    monkeypatch.setitem(profiles(), "quick", QUICK)
    monkeypatch.setattr(slope, "allocate", lambda curves, _, crf, __: tuple(range(crf, crf + len(curves))))
    for probe in planning.probes(*asked, ladder="quick"):
        laddering.probe(probe)
    planned = planning.plan(*asked, ladder="quick", scheme=DrmScheme.NONE)
    made = plans.load(planned.plan)
    assert len(made.chunks) == 2
    assert [rung.crfs for rung in made.rungs] == [(rung.crf, rung.crf + 1) for rung in made.rungs]
    assert planning.plan(*asked, ladder="quick", scheme=DrmScheme.NONE) == planned
    found = plans.ladder(planned.plan)
    assert found is not None
    assert found.search.grain > 3
    assert all("film-grain=" in rung.options for rung in made.rungs)
    assert any("made anew" in note for note in planned.notes)


def test_profiles_with_fixed_rungs_are_not_probed(delivered: str) -> None:
    taken = ingest.ingest(delivered)
    checked = quality.check(taken.delivery_id, "ebu-r128")
    assert planning.probes(taken.delivery_id, checked.report_id, ladder="standard") == ()


def test_a_title_that_is_wanted_earns_more_codecs_once_and_its_viewers_lose_nothing(
    delivered: str, tmp_path: Path
) -> None:
    before = carry(delivered, ladder="preview", scheme="cenc", actor="test")
    _expect(before.title_id, settings().premium_plays - 1)
    assert demand.costlier() == []
    _expect(before.title_id, settings().premium_plays)
    (wanted,) = demand.costlier()
    run = again.earned(wanted.title_id, demand.PREMIUM)
    assert run is not None
    assert (run.ladder, run.scheme, run.crop, run.qc_profile) == ("premium", "cenc", "none", "ebu-r128")
    after = carry(**run.model_dump(exclude_none=True), actor="test")
    assert after.changed
    assert demand.costlier() == []

    made, old = _release(after.release_id), _release(before.release_id)
    assert {video.name.split("-")[0] for video in made.video} == {"h264", "vp9", "av1"}
    assert len({video.name for video in made.video}) == len(made.video)
    assert all(complete(store, old) for store in stores.origins().values())  # sessions that play it go on
    with begin() as session:
        plan = releases.get(session, after.release_id).plan
    found = plans.ladder(plan)
    assert found is not None
    assert {each.name for each in found.outcomes} == {video.name for video in made.video}
    assert found.cost is not None
    assert found.cost > 0
    plans.put_aside(plan)
    stores.work().delete(plan)
    assert plans.ladder(plan) == found  # as long as the release is kept
    assert ladder_plot(after.title_id, after.release_id).startswith("<svg")
    for title_id, release_id in ((before.title_id, before.release_id), (1, after.release_id)):
        with pytest.raises(NotFound):
            ladder_plot(title_id, release_id)


def test_nothing_is_earned_by_a_title_whose_source_is_gone(delivered: str) -> None:
    shown = carry(delivered, ladder="preview", actor="test")
    for key in list(stores.mezzanine().keys()):
        stores.mezzanine().delete(key)
    assert again.earned(shown.title_id, demand.PREMIUM) is None
