"""A preview plays what viewers may not see yet, for one of the staff, once, and leaves no trace of viewing."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from marquee.catalogue import releases, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import (
    PlaybackSessionRow,
    PreviewRow,
    Progress,
    ReleaseState,
    StreamRow,
    TitleState,
    VisitRow,
    now,
)
from marquee.content.desk import actions, previews
from marquee.content.edge.signing import verify
from marquee.members.previews import SPARE
from marquee.settings import settings
from tests.api.conftest import OpenSession, Publish, Published, assert_problem, bearer
from tests.api.test_events import event, post
from tests.api.test_licences import CLEARKEY, request
from tests.api.test_manifests import manifest, pack
from tests.households import Viewer

SESSIONS, PREVIEWS = "/v1/playback-sessions", "/v1/previews"
HLS = "application/vnd.apple.mpegurl"


@pytest.fixture
def ready(publish: Publish) -> Published:
    """A protected title that nobody has published."""
    made = publish(shown=False)
    pack(made)
    return made


def link(made: Published, actor: str = "ops") -> str:
    """The token of a link that the desk has made."""
    url = previews.link(int(made.title_id), int(made.release_id), actor=actor).url
    address, _, token = url.partition("#")
    assert address == f"{settings().api_url}/preview"
    return token


def opened(guest: TestClient, made: Published) -> dict[str, Any]:
    """The grant of a preview."""
    answer = guest.post(PREVIEWS, json={"token": link(made)})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert (found["title_id"], found["release_id"]) == (made.title_id, made.release_id)
    assert (found["name"], found["staff"]) == ("The Lantern", "ops")
    grant: dict[str, Any] = found["playback"]
    return grant


def plays(guest: TestClient, grant: dict[str, Any], made: Published) -> dict[str, int]:
    """What each part of a playback answers."""
    path, own = f"{SESSIONS}/{grant['session_id']}", bearer(grant)
    media = {"Authorization": f"Bearer {grant['media']['token']}"}
    return {
        "dash": guest.get(manifest(grant)).status_code,
        "hls": guest.get(manifest(grant, HLS)).status_code,
        "licence": guest.post(CLEARKEY, json=request(*made.keys), headers=own).status_code,
        "key": guest.get(f"/v1/licences/keys/{made.keys[0].kid}", headers=own).status_code,
        "edge": guest.get(f"{path}/standing", headers=media).status_code,
        "heartbeat": guest.post(f"{path}/heartbeat", json={"position_ms": 60_000}, headers=own).status_code,
    }


ALL = {"dash": 200, "hls": 200, "licence": 200, "key": 200, "edge": 204, "heartbeat": 200}
NOTHING = {"dash": 404, "hls": 404, "licence": 403, "key": 403, "edge": 403, "heartbeat": 404}


def test_a_release_that_nobody_has_published_plays_whole_with_its_keys(guest: TestClient, ready: Published) -> None:
    grant = opened(guest, ready)
    assert plays(guest, grant, ready) == ALL
    media = verify(grant["media"]["token"], key=settings().secret("edge_key"))
    assert (media.prefix, media.lines) == (f"{ready.title_id}/{ready.release_id}", 0)
    beat = guest.post(
        f"{SESSIONS}/{grant['session_id']}/heartbeat", json={"position_ms": 60_000}, headers=bearer(grant)
    ).json()
    assert verify(beat["token"], key=settings().secret("edge_key")).session_id == int(grant["session_id"])
    assert guest.get(f"/v1/steering/{grant['session_id']}").status_code == 200
    lasts = datetime.fromisoformat(grant["expires_at"]) - now()
    assert abs(lasts - timedelta(seconds=600) - SPARE) < timedelta(minutes=1)


def test_nothing_counts_it_as_viewing(client: TestClient, viewer: Viewer, ready: Published) -> None:
    grant = opened(client, ready)  # in a browser in which a member is signed in
    plays(client, grant, ready)
    assert client.get("/v1/account/streams").json() == {"items": []}
    (refused,) = post(client, event(grant))["rejected"]
    assert (refused["field"], refused["reason"]) == ("session_id", "no such playback session")
    with begin() as session:
        for table in (PlaybackSessionRow, StreamRow, Progress, VisitRow):
            assert session.scalar(select(func.count()).select_from(table)) == 0, table
        (kept,) = session.scalars(select(PreviewRow))
    assert (kept.actor, kept.release_id, kept.opened_at is None) == ("ops", int(ready.release_id), False)


def test_it_opens_the_title_to_nobody_else(client: TestClient, viewer: Viewer, ready: Published) -> None:
    grant = opened(client, ready)
    assert_problem(client.get(f"/v1/titles/{ready.title_id}"), 404, "not-found")
    wanted = {"title_id": ready.title_id}
    assert_problem(client.post(SESSIONS, json=wanted, headers={"Idempotency-Key": "k"}), 404, "not-found")
    assert client.get("/v1/titles").json()["items"] == []
    own = f"/v1/account/streams/{grant['session_id']}"
    assert client.delete(own).status_code == 404
    for headers in (viewer.headers, {}, {"Authorization": f"Bearer {grant['media']['token']}"}):
        path = f"{SESSIONS}/{grant['session_id']}"
        assert client.request("DELETE", path, headers={"Authorization": ""} | headers).status_code == 401
    assert plays(client, grant, ready) == ALL


def test_a_preview_and_a_member_have_their_own_release_and_keys(
    client: TestClient, publish: Publish, open_session: OpenSession
) -> None:
    shown = publish(plan="a")
    pack(shown)
    second = publish(plan="b", shown=False)
    pack(second)
    grant, member = opened(client, second), open_session(shown)
    assert client.post(CLEARKEY, json=request(*shown.keys), headers=bearer(grant)).status_code == 403
    assert client.post(CLEARKEY, json=request(*second.keys), headers=bearer(member)).status_code == 403
    assert (plays(client, grant, second), plays(client, member, shown)) == (ALL, ALL)


def test_a_link_opens_once(guest: TestClient, ready: Published) -> None:
    token = link(ready)
    assert guest.post(PREVIEWS, json={"token": token}).status_code == 201
    for spent in (token, link(ready)[:-1], f"{link(ready)}A", token.swapcase(), "x", "é"):
        assert_problem(guest.post(PREVIEWS, json={"token": spent}), 410, "link-spent")
    with begin() as session:
        assert session.scalar(select(func.count()).where(PreviewRow.opened_at.is_not(None))) == 1


def test_a_link_is_good_for_minutes_and_a_preview_for_its_programme(guest: TestClient, ready: Published) -> None:
    made = previews.link(int(ready.title_id), int(ready.release_id), actor="ops")
    assert timedelta() < made.until - now() <= previews.GOOD_FOR <= timedelta(minutes=5)
    grant = opened(guest, ready)
    with begin() as session:
        session.execute(update(PreviewRow).values(link_until=now() - timedelta(seconds=1)))
    assert_problem(guest.post(PREVIEWS, json={"token": made.url.partition("#")[2]}), 410, "link-spent")
    assert plays(guest, grant, ready) == ALL  # what was opened in time goes on
    with begin() as session:
        session.execute(update(PreviewRow).values(expires_at=now()))
    assert plays(guest, grant, ready) == NOTHING


def test_who_leaves_ends_it(guest: TestClient, ready: Published) -> None:
    grant, other = opened(guest, ready), opened(guest, ready)
    path = f"{SESSIONS}/{grant['session_id']}"
    assert guest.delete(path, headers=bearer(grant)).status_code == 204
    assert guest.delete(path, headers=bearer(grant)).status_code == 204
    assert plays(guest, grant, ready) == NOTHING
    last = {"position_ms": 60_000, "last": True}
    beat = f"{SESSIONS}/{other['session_id']}/heartbeat"
    assert guest.post(beat, json=last, headers=bearer(other)).status_code == 200
    assert plays(guest, other, ready) == NOTHING


def test_it_goes_with_the_release_but_not_with_the_windows(guest: TestClient, publish: Publish) -> None:
    made = publish(metadata={"availability": [{"territories": ["DE"], "end": "2020-01-01"}], "maturity_rating": "18"})
    pack(made)
    title_id = int(made.title_id)
    grant, waiting = opened(guest, made), link(made)
    actions.withdraw(title_id, actor="ada")
    assert plays(guest, grant, made) == ALL
    actions.delete(title_id, grace=timedelta(days=1), actor="ada")
    assert plays(guest, grant, made) == NOTHING
    assert_problem(guest.post(PREVIEWS, json={"token": waiting}), 404, "not-found")
    actions.keep(title_id, actor="ada")
    assert guest.post(PREVIEWS, json={"token": waiting}).status_code == 201  # a refusal has not spent it
    waiting = link(made)
    with begin() as session:
        releases.get(session, int(made.release_id)).state = ReleaseState.WITHDRAWN  # collected
    assert plays(guest, grant, made) == NOTHING
    assert_problem(guest.post(PREVIEWS, json={"token": waiting}), 410, "link-spent")
    with begin() as session:
        assert titles.get(session, title_id).state == TitleState.WITHDRAWN


def test_no_secret_comes_into_a_log_or_a_table(
    guest: TestClient, ready: Published, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    token = link(ready)
    answer = guest.post(PREVIEWS, json={"token": token})
    assert guest.post(PREVIEWS, json={"token": token}).status_code == 410
    logged = caplog.text + "".join(capfd.readouterr())
    assert "preview link" in logged
    assert "preview begun" in logged
    with begin() as session:
        (row,) = session.scalars(select(PreviewRow))
        kept = str([getattr(row, column.key) for column in PreviewRow.__table__.columns])
    for secret in (token, token[12:], answer.json()["playback"]["token"], answer.json()["playback"]["media"]["token"]):
        assert secret not in logged
        assert secret not in kept
    assert answer.headers["cache-control"] == "no-store"
