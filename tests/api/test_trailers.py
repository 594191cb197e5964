"""Trailers: found on their title's page alone, played as it is, without a place, a position or an event."""

from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from api.rows.service import HomePages
from marquee.catalogue.database import begin
from marquee.catalogue.event_streams import of_sessions
from marquee.catalogue.models import PlaybackSessionRow, Progress
from marquee.content.desk import actions
from marquee.viewing.pipeline.snapshot import snapshot
from tests.api.conftest import Publish, Published, assert_problem, bearer
from tests.api.test_events import NOW_MS
from tests.api.test_streams import SESSIONS, beat, granted, key_of, play, playing
from tests.households import Viewer, household


@pytest.fixture
def basic(catalogue: None) -> Viewer:
    """Somebody whose plan allows one stream."""
    return household(plan="basic")


@pytest.fixture
def film(publish: Publish) -> Published:
    return publish()


@pytest.fixture
def trailer(publish: Publish, film: Published) -> Published:
    return _trailer(publish)


def _trailer(publish: Publish, slug: str = "trailer", **more: Any) -> Published:
    return publish(slug, metadata={"kind": "trailer", "trailer_of": "the-lantern", **more})


def page(client: TestClient, title: Published, whose: Viewer | None = None) -> Any:
    return client.get(f"/v1/titles/{title.title_id}", headers=whose.headers if whose else {}).json()


def test_it_is_found_on_its_title_s_page_alone(
    guest: TestClient, basic: Viewer, film: Published, trailer: Published, publish: Publish
) -> None:
    publish("other", metadata={"texts": {"en": {"title": "Another Lantern"}}})  # one title makes no row
    guest.app.state.home_pages = HomePages(guest.app.state.database, max_age_s=0)  # type: ignore[attr-defined]
    assert page(guest, film)["trailer_id"] == trailer.title_id
    own = page(guest, trailer)
    assert (own["kind"], own["film_id"], own["trailer_id"]) == ("trailer", film.title_id, None)
    paths = ("/v1/titles", "/v1/titles?query=lantern", "/v1/search?query=lantern", "/v1/lists/new")
    for path in (*paths, "/v1/search/suggestions?query=lant", basic.path("/rows")):
        told = guest.get(path, headers=basic.headers).text
        assert film.title_id in told, path
        assert trailer.title_id not in told, path
    liked = guest.patch(basic.path(f"/opinions/{trailer.title_id}"), json={"thumb": "up"}, headers=basic.headers)
    assert_problem(liked, 404, "not-found")
    assert snapshot()["titles"] == 2


def test_the_newest_that_may_be_seen_is_offered(guest: TestClient, publish: Publish, film: Published) -> None:
    child = household()
    assert page(guest, film)["trailer_id"] is None
    mild = _trailer(publish, "mild")
    harsh = _trailer(publish, "harsh", maturity_rating="18")
    _trailer(publish, "elsewhere", availability=[{"territories": ["US"]}])
    assert page(guest, film)["trailer_id"] == harsh.title_id
    assert page(guest, film, child.another(name="Tom", age_limit=12))["trailer_id"] == mild.title_id
    actions.withdraw(int(harsh.title_id), actor="ada")
    assert page(guest, film)["trailer_id"] == mild.title_id
    actions.withdraw(int(film.title_id), actor="ada")
    assert page(guest, mild)["film_id"] is None


def test_it_plays_beside_the_plan_s_streams_and_leaves_nothing(
    guest: TestClient, basic: Viewer, film: Published, trailer: Published
) -> None:
    granted(play(guest, basic, film.title_id, "film"))
    phone = basic.on_another_device()
    grant = granted(play(guest, phone, trailer.title_id, "trailer"))
    assert grant["events"] is False
    assert key_of(guest, grant, trailer.keys[0].kid).status_code == 200
    renewed = beat(guest, grant)
    assert renewed.status_code == 200
    standing = guest.get(f"{SESSIONS}/{grant['session_id']}/standing", headers=bearer(renewed.json()))
    assert standing.status_code == 204
    assert [each["title_id"] for each in playing(guest, basic)] == [film.title_id]
    with begin() as session:
        assert session.scalar(select(func.count()).select_from(Progress)) == 0
        assert of_sessions(session, [int(grant["session_id"])]) == {}
    event = {"session_id": grant["session_id"], "seq": 0, "name": "playing", "viewer_time_ms": NOW_MS, "position_ms": 2}
    receipt = guest.post("/v1/events", json={"events": [event]}).json()
    assert (receipt["accepted"], receipt["rejected"][0]["reason"]) == (0, "no such playback session")
    actions.withdraw(int(trailer.title_id), actor="ada")
    assert_problem(beat(guest, grant), 404, "not-found")


def test_one_that_was_prepared_goes_on_once_it_has_begun(guest: TestClient, basic: Viewer, trailer: Published) -> None:
    grant = granted(play(guest, basic, trailer.title_id, prepare=True))
    assert beat(guest, grant).status_code == 200
    with begin() as session:
        row = session.get_one(PlaybackSessionRow, int(grant["session_id"]))
        assert not row.prepared


def test_who_may_not_watch_may_not_watch_trailers_either(guest: TestClient, trailer: Published) -> None:
    assert_problem(play(guest, household(plan=None), trailer.title_id), 403, "no-plan")
    assert guest.post(SESSIONS, json={"title_id": trailer.title_id}).status_code in (400, 401)
    assert page(guest, trailer)["play_refusal"] == "not-signed-in"
