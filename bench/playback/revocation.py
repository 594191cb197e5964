"""How long edges go on serving a session that has lost its right, with the API up and with the API gone.

Who is measured takes all it can get: it asks every edge for a segment four times a second and renews its token with
each heartbeat, for as long as it is given one.
"""

import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin

import httpx

from bench.playback.platform import PASSWORD, Platform
from marquee.content.desk import actions
from marquee.content.edge.client import client_of

EVERY_S, BEAT_S = 0.25, 5.0
QUIET_S = 20  # after which a session that is refused everywhere counts as over: longer than an edge's answer holds
BASE = re.compile(r"<BaseURL[^>]*>([^<]*)</BaseURL>")
PICTURE = re.compile(r'initialization="([^"$]*video/[^"$]*)"')


@dataclass
class Session:
    """A member who plays; `served` is how long after the loss each edge has served the last segment, in seconds."""

    loss: str
    client: httpx.Client
    account: dict[str, str]  # the header of the account, on the device that plays
    profile_id: str
    session_id: str
    token: str
    media: str
    edges: dict[str, httpx.Client]
    segment: str  # below `/m/<token>/`
    served: dict[str, float] = field(default_factory=dict)

    @property
    def email(self) -> str:
        return f"{self.loss}@example.org"

    def beat(self) -> None:
        """Renew the media token, if it may be."""
        path = f"/v1/playback-sessions/{self.session_id}/heartbeat"
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            answer = self.client.post(path, json={"position_ms": 20_000}, headers=headers)
        except httpx.TransportError:
            return  # the API is gone
        if answer.status_code == 200:
            self.media = answer.json()["token"]

    def take(self, elapsed_s: float) -> None:
        """Ask each edge for the segment."""
        for edge, client in self.edges.items():
            if client.get(f"/m/{self.media}/{self.segment}").status_code == 200:
                self.served[edge] = elapsed_s


def signed_in(client: httpx.Client, email: str) -> dict[str, str]:
    answer = client.post("/v1/sign-in", json={"email": email, "password": PASSWORD, "keep": "body"})
    return {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}


def playing(platform: Platform, loss: str) -> Session:
    """A new member with a plan and two profiles, of which one plays."""
    email = f"{loss}@example.org"
    platform.marquee("member", "create", email, "--password", PASSWORD)
    platform.marquee("member", "plan", email, "premium")
    client = httpx.Client(base_url=platform.site, timeout=5)
    account = signed_in(client, email)
    profile_id, _ = (
        client.post("/v1/profiles", json={"name": name}, headers=account).raise_for_status().json()["profile_id"]
        for name in ("Plays", "Looks on")
    )
    chosen = client.post(f"/v1/profiles/{profile_id}/choice", json={}, headers=account).json()["access_token"]
    headers = {"Authorization": f"Bearer {chosen}", "Idempotency-Key": secrets.token_hex(8)}
    grant = client.post("/v1/playback-sessions", json={"title_id": platform.title_id}, headers=headers)
    granted = grant.raise_for_status().json()
    manifest = client.get(granted["manifests"][0]["url"]).raise_for_status().text
    address = urljoin(BASE.findall(manifest)[0], PICTURE.findall(manifest)[0])
    return Session(
        loss=loss,
        client=client,
        account=account,
        profile_id=profile_id,
        session_id=granted["session_id"],
        token=granted["token"],
        media=granted["media"]["token"],
        edges={edge["name"]: client_of(edge["url"]) for edge in granted["edges"]},
        segment=address.split("/m/")[1].partition("/")[2],
    )


def stopped(_: Platform, session: Session) -> None:
    """Stopped from another device."""
    elsewhere = signed_in(session.client, session.email)
    answer = session.client.delete(f"/v1/account/streams/{session.session_id}", headers=elsewhere)
    answer.raise_for_status()


def unpaid(platform: Platform, session: Session) -> None:
    """The plan is lost."""
    platform.marquee("member", "plan", session.email, "premium", "--state", "unpaid")


def deleted(_: Platform, session: Session) -> None:
    """The profile is deleted."""
    elsewhere = signed_in(session.client, session.email)
    session.client.delete(f"/v1/profiles/{session.profile_id}", headers=elsewhere).raise_for_status()


def withdrawn(platform: Platform, _: Session) -> None:
    """The title is withdrawn."""
    actions.withdraw(int(platform.title_id), actor="bench")


LOSSES: dict[str, Callable[[Platform, Session], None]] = {
    "stopped": stopped,
    "plan_lost": unpaid,
    "profile_deleted": deleted,
    "title_withdrawn": withdrawn,
}


def with_the_api(platform: Platform) -> list[Session]:
    """Each loss by itself."""
    found = []
    for loss, lose in LOSSES.items():
        session = playing(platform, loss)
        begun = _warm([session])
        lose(platform, session)
        _take_until_refused([session], begun(), longest_s=120)
        found.append(session)
    actions.restore(int(platform.title_id), actor="bench")
    return found


def without_the_api(platform: Platform) -> list[Session]:
    """All losses, then the API is gone at once: edges keep their last answer, and tokens end by themselves."""
    sessions = [playing(platform, f"{loss}-api-gone") for loss in LOSSES]
    begun = _warm(sessions)
    for session, lose in zip(sessions, LOSSES.values(), strict=True):
        lose(platform, session)
    since = begun()
    with platform.without("api"):
        _take_until_refused(sessions, since, longest_s=platform.settings.media_token_s + 60)
    actions.restore(int(platform.title_id), actor="bench")
    return sessions


def _warm(sessions: Sequence[Session]) -> Callable[[], float]:
    """Play for a moment at every edge; gives the clock by which the loss is told."""
    for session in sessions:
        session.beat()
        session.take(0)
        assert set(session.served) == set(session.edges), session
    return time.monotonic


def _take_until_refused(sessions: Sequence[Session], since: float, *, longest_s: float) -> None:
    beaten = since
    while (elapsed := time.monotonic() - since) < longest_s:
        if time.monotonic() - beaten > BEAT_S:
            beaten = time.monotonic()
            for session in sessions:
                session.beat()
        for session in sessions:
            session.take(time.monotonic() - since)
        if elapsed - max(max(session.served.values()) for session in sessions) > QUIET_S:
            return
        time.sleep(EVERY_S)


def table(up: Sequence[Session], down: Sequence[Session]) -> str:
    """Markdown: a line for each loss and edge, with the seconds until the last segment was served."""
    lines = ["| loss | edge | API up, s | API gone, s |", "|---|---|---|---|"]
    for with_api, without in zip(up, down, strict=True):
        lines += [
            f"| {with_api.loss.replace('_', ' ')} | {edge} | {with_api.served[edge]:.1f} | {without.served[edge]:.1f} |"
            for edge in with_api.edges
        ]
    return "\n".join(lines)
