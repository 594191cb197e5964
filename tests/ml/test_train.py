"""A night's training on a real MLflow: what it leaves behind, and that it can be done again."""

import io

import numpy as np
import pyarrow.parquet as pq
import pytest

from marquee.catalogue import recommendations
from marquee.catalogue.database import begin
from marquee.contracts.errors import InvalidInput
from marquee.contracts.lake import OPINIONS
from marquee.viewing import lake
from ml import publish_job, registry, tracking, train, viewer_index
from ml.recipe import Recipe
from tests.ml.nights import QUICK, TITLES, VIEWERS, night

pytestmark = pytest.mark.usefixtures("mlflow_server")


@pytest.fixture(scope="module")
def data():
    return night()


def test_a_run_leaves_what_a_person_needs_to_judge_it_and_again_gives_the_same_model(data, tmp_path) -> None:
    first = train.train(data=data, params=QUICK, seed=5)
    client = tracking.client()
    run = client.get_run(first.run_id)
    assert {"data", "code", "audience", "recipe", "model_sha256", "data_until_ms"} <= set(run.data.tags)
    assert run.data.tags["data"] == data.fingerprint()
    assert {"ndcg", "ndcg_low", "ndcg_high", "recall", "coverage", "popularity_bias", "novelty"} <= set(
        run.data.metrics
    )
    assert run.data.params["seed"] == "5"
    assert run.data.params["lightfm.epochs"] == "4"
    assert run.data.metrics["ndcg"] == pytest.approx(first.ndcg)
    curves = [name for name in run.data.metrics if name.startswith("backtest.")]
    assert max(len(client.get_metric_history(first.run_id, name)) for name in curves) > 3
    kept = {file.path for file in client.list_artifacts(first.run_id)} | {
        file.path for file in client.list_artifacts(first.run_id, "plots")
    }
    assert {"candidates.json", "evaluations"} <= kept
    assert {f"plots/{name}.png" for name in ("comparison", "cohorts", "coverage", "learning")} <= kept
    children = client.search_runs(
        [run.info.experiment_id], f"tags.`mlflow.parentRunId` = '{first.run_id}'", max_results=50
    )
    names = {child.info.run_name for child in children}
    assert {"popularity", "ease", "lightfm", "lightfm-features", "neighbours", "champion"} <= names
    assert all("ndcg" in child.data.metrics for child in children)

    folders = [(tmp_path / str(n)) for n in range(2)]
    again = train.write_model(folders[0], Recipe.of(QUICK, 5).champion().fit(night()), data)
    other = train.write_model(folders[1], Recipe.of(QUICK, 6).champion().fit(data), data)
    for path in folders[0].rglob("*.npz"):
        with np.load(path) as arrays:
            named = [
                name for name in arrays if arrays[name].dtype.kind == "i" and np.isin(data.users, arrays[name]).all()
            ]
            assert not named, f"{path}: viewers' ids"
    assert registry.version(first.version).tags["model_sha256"] == again != other
    challenger = registry.aliased(registry.CHALLENGER)
    assert challenger is not None
    assert challenger.number == first.version
    assert registry.of_run(first.run_id) == challenger


def test_the_model_serves_strangers_and_is_published_for_those_who_are_still_there(data) -> None:
    made = train.train(data=data, params=QUICK)
    model = tracking.mlflow().pyfunc.load_model(f"models:/{registry.NAME}/{made.version}")
    assert model.metadata.signature is not None
    first, second = model.predict([["1", "7", "13"], ["no such title", "2"]])
    assert len(first) == 10
    assert not {"1", "7", "13"} & set(first)
    assert "2" not in second
    assert sum(int(title) % 6 == 1 for title in first) > 4  # of the genre of titles 1, 7, 13

    registry.crown(made.version)
    forget_row(made.run_id, 4)
    generation = publish_job.publish_champion()
    with begin() as session:
        live = recommendations.live_generation(session)
        assert live is not None
        assert (live.id, live.model, live.profiles) == (generation, f"recommender/{made.version}", VIEWERS - 1)
        assert live.titles == TITLES
        seen = set(data.items[data.item[data.user == 9]].tolist())
        told = recommendations.recommended(session, int(data.users[9]))[1]
        assert told
        assert not seen & set(told)
        assert recommendations.recommended(session, int(data.users[4]))[1] == []
    _lists_lose_what_was_refused_since(registry.version(made.version), data)


def _lists_lose_what_was_refused_since(version, data) -> None:
    """The model is older than these opinions; so is that of a rollback."""
    rows = np.array([9, 10])
    before = publish_job.answers(version).recommend(rows, 12)
    gone = before[0][[0, 3]]
    own = {"profile_id": int(data.users[9]), "origin": "account", "thumb": "down", "hidden": False, "at_ms": 1}
    lake.write(OPINIONS, "x.parquet", [own | {"title_id": int(data.items[c])} for c in gone], source="catalogue")
    after = publish_job.answers(version).recommend(rows, 12)
    assert after[0].tolist()[:10] == [column for column in before[0].tolist() if column not in gone]
    assert (after[0] >= 0).all()
    assert after[1].tolist() == before[1].tolist()


def test_on_hardly_anything_it_trains_and_says_that_it_could_not_judge() -> None:
    few = night(viewers=1, each=1)
    made = train.train(data=few, params=QUICK)
    assert np.isnan(made.ndcg)
    assert tracking.client().get_run(made.run_id).data.tags["judged"] == "no"
    with pytest.raises(InvalidInput, match="nobody has watched"):
        train.train(data=few.select(few.time < 0))


def forget_row(run_id: str, row: int) -> None:
    """What the deletion of a viewer does to the file."""
    table = pq.read_table(io.BytesIO(lake.store().read(viewer_index.key(run_id))))
    buffer = io.BytesIO()
    pq.write_table(table.filter(np.arange(len(table)) != row), buffer)
    lake.store().write(viewer_index.key(run_id), buffer.getvalue())
