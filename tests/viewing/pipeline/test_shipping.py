"""What goes from the API's side into the lake."""

import json
import time
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from marquee.catalogue.database import begin
from marquee.catalogue.models import PlaybackSessionRow, ReleaseRow, Title, TitleState, VisitRow, now
from marquee.contracts.ids import new_id
from marquee.contracts.lake import EDGE_REQUESTS
from marquee.settings import settings
from marquee.viewing import lake
from marquee.viewing.pipeline import deletion, shipping
from tests.households import household

pytestmark = pytest.mark.usefixtures("catalogue")
LONG_AGO_S = 1_780_000_000


def test_visits_long_over_are_closed():
    whose = household()
    with begin() as session:
        owner = {"account_id": whose.account_id, "profile_id": whose.profile_id}
        ages = [timedelta(0), shipping.OPEN - timedelta(hours=1), shipping.OPEN + timedelta(hours=1)]
        visits = [VisitRow(**owner, started_at=now() - age) for age in ages]
        session.add_all(visits)
        session.flush()
        kept = {visit.id for visit in visits[:2]}
    assert shipping.ship() == ()  # nothing was watched
    with begin() as session:
        assert set(session.scalars(select(VisitRow.id))) == kept


def playback_of(viewer):
    """A playback session of a viewer, and its title."""
    with begin() as session:
        title = Title(
            slug=f"t{viewer.profile_id}", kind="film", original_language="en", year=2000, maturity_rating="6",
            countries=[], fingerprint="f", state=TitleState.PUBLISHED,
        )  # fmt: skip
        session.add(title)
        session.flush()
        release = ReleaseRow(title_id=title.id, plan="p", fingerprint="f", document={"duration_s": 1})
        session.add(release)
        session.flush()
        owner = {"account_id": viewer.account_id, "profile_id": viewer.profile_id}
        row = PlaybackSessionRow(**owner, title_id=title.id, release_id=release.id, expires_at=now())
        session.add(row)
        session.flush()
        return row.id, title.id


def log_of(*sessions: int) -> None:
    """A file of an edge's log that is long over, with a request of each session."""
    folder = settings().edge_log / "edge-a"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        {
            "at": time.time(), "request": f"{new_id():x}", "edge": "edge-a", "session": str(session), "method": "GET",
            "path": "/1/2/video/h264-720p/1.m4s", "status": 200, "bytes": 5, "seconds": 0.1, "cache": "HIT",
            "upstream_seconds": "", "cmcd": "",
        }
        for session in sessions
    ]  # fmt: skip
    (folder / f"{LONG_AGO_S // 100}.open").write_text("".join(json.dumps(line) + "\n" for line in lines))


def requests():
    keys = lake.store().keys(EDGE_REQUESTS.name)
    return [row for key in keys for row in pq.read_table(lake.store().fetch(key), partitioning=None).to_pylist()]


def test_what_edges_served_is_linked_to_viewers_and_unlinked_with_their_deletion():
    stays, goes, gone = household(name="Stays"), household(name="Goes"), household(name="Gone")
    (kept, title), (taken, _), (old, _) = (playback_of(viewer) for viewer in (stays, goes, gone))
    deletion.delete_profile(gone.profile_id)
    log_of(kept, taken, old, 0)
    (shipment,) = shipping.ship()
    assert (shipment.source, shipment.rows) == ("edges", {"edge_requests": 4})
    assert {row["session_id"]: (row["profile_id"], row["origin"]) for row in requests()} == {
        kept: (stays.profile_id, "account"), taken: (goes.profile_id, "account"), None: (None, None),
    }  # fmt: skip
    assert [row["title_id"] for row in requests() if row["session_id"] == kept] == [title]
    deletion.delete_profile(goes.profile_id)
    deletion.scrub()
    assert [row["session_id"] for row in requests()].count(None) == 2
    assert {row["session_id"] for row in requests()} == {kept, None}
    assert shipping.ship() == ()


def test_a_file_that_an_edge_may_still_write_to_is_left_alone():
    log_of(0)
    (only,) = (settings().edge_log / "edge-a").iterdir()
    now_open = only.rename(only.with_name(f"{int(time.time()) // 100}.open"))
    assert shipping.ship() == ()
    assert now_open.exists()
