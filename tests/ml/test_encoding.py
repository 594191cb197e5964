"""A searched ladder is a run of the experiment `encoding`, once per plan."""

import pytest

from marquee.contracts.errors import Unavailable
from marquee.contracts.ladder import LadderOutcome
from marquee.settings import settings
from tests.ladders import FOUND


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

    monkeypatch.setenv("MARQUEE_MLFLOW_URL", "http://127.0.0.1:1")
    settings.cache_clear()
    with pytest.raises(Unavailable):
        encoding.log_ladder("plan-a", FOUND)
