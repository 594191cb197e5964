"""A searched ladder is a run of the experiment `encoding`, once per plan."""

import pytest

from marquee.contracts.errors import Unavailable
from marquee.contracts.ladder import LadderOutcome, LadderSearch, Outcome, Point
from marquee.contracts.plan import Chunk, Codec, Rung
from marquee.settings import settings

RUNG = Rung(codec=Codec.H264, width=640, height=360, crf=24, maxrate_kbps=900, preset="slow", options="psy=0")
POINT = Point(codec=Codec.H264, width=640, height=360, crf=24, kbps=450, vmaf=80, vmaf_harmonic=79, vmaf_p5=70)
FOUND = LadderOutcome(
    search=LadderSearch(
        profile="tailored",
        stretches=(Chunk(index=0, first_frame=0, frames=50),),
        points=(POINT,),
        checks=(),
        hull=(POINT,),
        rungs=(RUNG,),
        expected=(POINT,),
        seconds=12,
    ),
    outcomes=(Outcome(name="h264-360p", kbps=470, vmaf=81, vmaf_p5=72),),
    encode_s=120,
)


@pytest.mark.usefixtures("mlflow_server")
def test_a_ladder_is_logged_once() -> None:
    from ml import encoding, tracking

    run_id = encoding.log_ladder("plan-a", FOUND)
    assert encoding.log_ladder("plan-a", FOUND) == run_id != encoding.log_ladder("plan-b", FOUND)
    run = tracking.client().get_run(run_id).data
    assert run.metrics["cost"] == pytest.approx(0.1)
    assert run.metrics["h264-360p.expected_kbps"] == 450
    assert (run.metrics["h264-360p.kbps"], run.metrics["h264-360p.vmaf"]) == (470, 81)
    assert run.params["h264.preset"] == "slow psy=0"
    assert LadderOutcome.model_validate(tracking.read_json(run_id, encoding.KEPT)) == FOUND


def test_without_mlflow_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from ml import encoding

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MARQUEE_MLFLOW_URL", "http://127.0.0.1:1")
    settings.cache_clear()
    with pytest.raises(Unavailable):
        encoding.log_ladder("plan-a", FOUND)
