"""Scoring in parts: the same lists to the bit, whatever the parts; killed tasks go on; nothing stays behind."""

import numpy as np
import pytest

from marquee.catalogue import recommendations
from marquee.catalogue.database import begin
from marquee.contracts.errors import NotFound
from marquee.contracts.lake import OPINIONS
from marquee.viewing import lake
from ml import publish, publish_job, publish_parts, registry, train
from ml.publish_parts import FOLDER, Part
from tests.ml.nights import QUICK, VIEWERS, night

pytestmark = pytest.mark.usefixtures("mlflow_server")
EVERYBODY = np.arange(VIEWERS)


@pytest.fixture
def champion(mlflow_server: str) -> registry.Version:
    """One whose viewers refused some titles since, one of them more than there are candidates to spare."""
    data = night()
    made = train.train(data=data, params=QUICK | {"candidates": 20})
    registry.crown(made.version)
    refused = [(9, column) for column in range(3)] + [(200, column) for column in range(25)]
    own = {"origin": "account", "thumb": "down", "hidden": False, "at_ms": 1}
    rows = [own | {"profile_id": int(data.users[u]), "title_id": int(data.items[c])} for u, c in refused]
    lake.write(OPINIONS, "x.parquet", rows, source="catalogue")
    return registry.version(made.version)


def test_parts_are_what_one_process_says_to_the_bit(
    champion: registry.Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "BEST", 15)  # fewer than there are titles, so that candidates are a choice
    whole = publish_job.answers(champion).recommend(EVERYBODY, 15)
    assert (whole >= 0).all()
    for rows in (37, VIEWERS):
        parts = publish_parts.plan(rows)
        assert [part.first for part in parts] == list(range(0, VIEWERS, rows))
        assert sum(publish_parts.score(part) for part in reversed(parts)) == VIEWERS
        read = publish_parts.reader(parts)
        assert np.array_equal(read(EVERYBODY, 15), whole)
        assert np.array_equal(read(EVERYBODY[5::3], 10), whole[5::3, :10])


def test_what_was_scored_is_published_once_whole_and_removed(
    champion: registry.Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = publish_parts.plan(100)
    publish_parts.score(killed[0])
    with pytest.raises(NotFound):  # the other parts are missing
        publish_parts.publish_scored(killed)
    with begin() as session:
        assert recommendations.live_generation(session) is None
    parts = publish_parts.plan(100)
    assert [*lake.store().keys(FOLDER)] == [killed[0].key]  # it may be under way beside this one
    for part in parts:
        publish_parts.score(part)
    monkeypatch.setattr(publish_job.Champion, "recommend", None)  # from here on nothing is scored again
    assert publish_parts.score(parts[0]) == 100
    generation = publish_parts.publish_scored(parts)
    with begin() as session:
        live = recommendations.live_generation(session)
        assert live is not None
        assert (live.id, live.model, live.profiles) == (generation, champion.model, VIEWERS)
    assert [*lake.store().keys(FOLDER)] == [killed[0].key]
    monkeypatch.setattr(publish_parts, "ABANDONED_MS", -1000)
    assert publish_parts.plan() == []
    assert not [*lake.store().keys(FOLDER)]
    assert publish_parts.publish_scored([]) == generation


def test_without_a_champion_there_is_nothing_to_plan() -> None:
    with pytest.raises(NotFound):
        publish_parts.plan()
    assert Part(publication=1, version=1, first=0, end=9).name == "viewers 1 to 9"
