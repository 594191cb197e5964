"""A deleted viewer leaves no trace in catalogue and lake, and nobody else loses anything."""

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from marquee.catalogue.database import begin
from marquee.catalogue.models import DeletedProfile
from marquee.contracts.errors import NotFound
from marquee.contracts.ids import new_id
from marquee.contracts.lake import DEAD_LETTERS, EDGE_REQUESTS, EVENTS, HISTORY, INTERACTIONS, TITLES
from marquee.viewing import lake
from marquee.viewing.pipeline import changed_partitions, deletion
from tests.households import household

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def viewers() -> tuple[int, int]:
    """Two profiles: one to be deleted and one that stays."""
    return household(name="Gone").profile_id, household(name="Stays").profile_id


def fill(*profiles: int) -> None:
    """Rows of each profile in some tables, and a table that knows no viewers."""
    events = [{"session_id": new_id(), "seq": n, "profile_id": p} for p in profiles for n in range(3)]
    blank = dict.fromkeys(EVENTS.columns)
    lake.write(EVENTS, "log-1.parquet", [blank | row for row in events], dt="2026-01-01", hour="07")
    lake.write(HISTORY, "a.parquet", [dict.fromkeys(HISTORY.columns) | {"profile_id": p} for p in profiles], source="x")
    lake.write(INTERACTIONS, "a.parquet", [dict.fromkeys(INTERACTIONS.columns) | {"profile_id": p} for p in profiles])
    letters = [dict.fromkeys(DEAD_LETTERS.columns) | {"profile_id": p, "body": "{}"} for p in (*profiles, None)]
    lake.write(DEAD_LETTERS, "log-1.parquet", letters, dt="2026-01-01")
    served = [
        dict.fromkeys(EDGE_REQUESTS.columns) | {"profile_id": p, "session_id": new_id()} for p in (*profiles, None)
    ]
    lake.write(EDGE_REQUESTS, "edges-1.parquet", served, dt="2026-01-02", hour="00")
    lake.write(TITLES, "a.parquet", [dict.fromkeys(TITLES.columns) | {"title_id": profiles[0]}], source="x")


def held() -> dict[str, list[int]]:
    """The profiles in each file of the lake that knows viewers."""
    found = {}
    for key in lake.store().keys(""):
        if key.endswith(".parquet"):
            file = pq.ParquetFile(lake.store().fetch(key)).read()
            if "profile_id" in file.column_names:
                found[key] = file["profile_id"].to_pylist()
    return found


def test_the_viewer_leaves_every_file_and_the_others_stay(viewers):
    gone, stays = viewers
    fill(gone, stays)
    deletion.delete_profile(gone)
    shipment = deletion.scrub()
    assert shipment is not None
    assert len(shipment.files) == 5
    assert {key: set(found) - {None} for key, found in held().items()} == {key: {stays} for key in held()}
    assert [len(found) for found in held().values()] == [2, 2, 3, 1, 1]  # letters, requests, events, history, …
    assert str(gone).encode() not in b"".join(lake.store().read(key) for key in lake.store().keys("_shipments"))


def test_the_days_it_watched_on_are_due_and_marts_are_made_from_nothing(viewers):
    gone, stays = viewers
    fill(gone, stays)
    deletion.delete_profile(gone)
    deletion.scrub()
    found = changed_partitions.due()
    assert [str(day) for day in found.days] == ["2026-01-01", "2026-01-02"]  # of its events, and of what it was served
    assert found.whole


def test_scrubbing_again_does_nothing(viewers):
    fill(*viewers)
    deletion.delete_profile(viewers[0])
    deletion.scrub()
    before = {key: lake.store().sha256(key) for key in lake.store().keys("")}
    assert deletion.scrub() is None
    assert {key: lake.store().sha256(key) for key in lake.store().keys("")} == before


def test_a_killed_scrub_goes_on(viewers, monkeypatch):
    gone, stays = viewers
    fill(gone, stays)
    deletion.delete_profile(gone)
    rewrite, done = deletion._rewrite, []

    def once(key, profiles):
        if done:
            raise KeyboardInterrupt
        done.append(key)
        rewrite(key, profiles)

    with monkeypatch.context() as patch:
        patch.setattr(deletion, "_rewrite", once)
        with pytest.raises(KeyboardInterrupt):
            deletion.scrub()
    deletion.scrub()
    assert all(gone not in found for found in held().values())
    assert "2026-01-01" in [
        str(day) for day in changed_partitions.due().days
    ]  # though the events were rewritten before the kill
    with begin() as session:
        assert session.scalars(select(DeletedProfile.scrubbed_at)).one() is not None


def test_nobody_is_forgotten_twice(viewers):
    deletion.delete_profile(viewers[0])
    with pytest.raises(NotFound, match="no such profile"):
        deletion.delete_profile(viewers[0])
