"""Scoring in parts: the same lists to the bit, whatever the parts; killed tasks go on; nothing stays behind."""

import numpy as np
import pytest

from marquee.catalogue import recommendations
from marquee.catalogue.database import begin
from marquee.contracts.errors import NotFound
from marquee.contracts.lake import OPINIONS
from marquee.viewing import lake
from ml import publish, publish_job, publish_parts, registry, train
from ml.publish_parts import Part
from tests.ml.nights import QUICK, VIEWERS, night

pytestmark = pytest.mark.usefixtures("mlflow_server")


@pytest.fixture(autouse=True)
def champion(mlflow_server: str) -> registry.Version:
    """One whose viewers refused some titles since, one of them more than a list has candidates to spare."""
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
    everybody = np.arange(VIEWERS)
    whole = publish_job.answers(champion).recommend(everybody, 15)
    assert (whole >= 0).all()
    for rows in (7, 100, VIEWERS):
        parts = publish_parts.plan(rows)
        assert [part.first for part in parts] == list(range(0, VIEWERS, rows))
        assert sum(publish_parts.score(part) for part in reversed(parts)) == VIEWERS
        read = publish_parts.reader(parts)
        assert np.array_equal(read(everybody, 15), whole)
        assert np.array_equal(read(everybody[5::3], 10), whole[5::3, :10])


def test_what_was_scored_is_published_once_and_removed(
    champion: registry.Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = publish_parts.plan(100)
    for part in parts:
        publish_parts.score(part)
    monkeypatch.setattr(publish_job.Champion, "recommend", None)  # nothing is scored again
    assert publish_parts.score(parts[0]) == 100
    generation = publish_parts.publish_scored(parts)
    with begin() as session:
        live = recommendations.live_generation(session)
        assert live is not None
        assert (live.id, live.model, live.profiles) == (generation, champion.model, VIEWERS)
    assert not list(lake.store().keys(publish_parts.FOLDER))
    assert publish_parts.plan() == []
    assert publish_parts.publish_scored([]) == generation


def test_a_part_that_was_not_scored_stops_the_publication(champion: registry.Version) -> None:
    parts = publish_parts.plan(100)
    publish_parts.score(parts[0])
    with pytest.raises(NotFound):
        publish_parts.publish_scored(parts)
    with begin() as session:
        assert recommendations.live_generation(session) is None
    again = publish_parts.plan(100)
    assert {part.key for part in again}.isdisjoint(lake.store().keys(publish_parts.FOLDER))


def test_without_a_champion_there_is_nothing_to_plan() -> None:
    from ml import tracking

    tracking.client().delete_registered_model(registry.NAME)
    with pytest.raises(NotFound):
        publish_parts.plan()
    assert Part(publication=1, version=1, first=0, end=9).name == "viewers 1 to 9"
