"""A viewer without a browser: signs in, opens a session, takes manifest, licence and segments, as players do."""

import base64
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import httpx
from lxml import etree

from marquee.content.edge.client import client_of
from marquee.contracts.errors import GateFailed, Unavailable

MPD = "{urn:mpeg:dash:schema:mpd:2011}"
CENC = "{urn:mpeg:cenc:2013}"
CLEARKEY = "org.w3.clearkey"
TIMEOUT_S = 15.0


@dataclass
class Player:
    """A member who plays one title. `track` is the first picture of the manifest, below `/m/<token>/`."""

    client: httpx.Client
    session_id: str
    token: str
    media: str
    edges: dict[str, httpx.Client]
    licences: str
    kid: str  # hex; empty in the clear
    track: tuple[str, str]  # paths of the beginning and of segments, of these with $Number$ in it
    failures: list[str] = field(default_factory=list)

    def beat(self, position_ms: int) -> bool:
        """A heartbeat, which renews the media token; whether it was answered."""
        path = f"/v1/playback-sessions/{self.session_id}/heartbeat"
        try:
            answer = self.client.post(path, json={"position_ms": position_ms}, headers=_bearer(self.token))
        except httpx.TransportError:
            return False
        if answer.status_code == 200:
            self.media = answer.json()["token"]
        return answer.status_code == 200

    def beginning(self) -> bytes:
        return self._take(self.track[0])

    def segment(self, number: int) -> bytes:
        """A segment from the first edge that has it. Raises Unavailable."""
        return self._take(self.track[1].replace("$Number$", str(number)))

    def key(self) -> bytes:
        """The content key, by the licence of ClearKey; empty of a title in the clear."""
        if not self.kid:
            return b""
        kid = base64.urlsafe_b64encode(bytes.fromhex(self.kid)).decode().rstrip("=")
        asked = {"kids": [kid], "type": "temporary"}
        answer = self.client.post(self.licences, json=asked, headers=_bearer(self.token))
        key = _json(answer, "licence")["keys"][0]["k"]
        return base64.urlsafe_b64decode(f"{key}==")

    def end(self) -> None:
        """End the session and close all connections."""
        self.client.delete(f"/v1/playback-sessions/{self.session_id}", headers=_bearer(self.token))
        for each in (self.client, *self.edges.values()):
            each.close()

    def _take(self, path: str) -> bytes:
        said = []
        for name, edge in self.edges.items():
            try:
                answer = edge.get(f"/m/{self.media}/{path}")
            except httpx.TransportError as error:
                said.append(f"{name}: {error}")
                continue
            if answer.status_code == 200:
                return answer.content
            said.append(f"{name}: {answer.status_code}")
        raise Unavailable("no edge gives it", where=path, got=", ".join(said))


def sign_in(site: str, email: str, password: str) -> tuple[httpx.Client, dict[str, str]]:
    """A client, and the header of the member's first profile, which is made where there is none."""
    client = httpx.Client(base_url=site, timeout=TIMEOUT_S)
    answer = client.post("/v1/sign-in", json={"email": email, "password": password, "keep": "body"})
    account = _bearer(_json(answer, "signing in")["access_token"])
    found = _json(client.get("/v1/profiles", headers=account), "profiles")["items"]
    profile = found[0] if found else _json(client.post("/v1/profiles", json={"name": "P"}, headers=account), "profile")
    chosen = client.post(f"/v1/profiles/{profile['profile_id']}/choice", json={}, headers=account)
    return client, _bearer(_json(chosen, "choosing a profile")["access_token"])


def play(client: httpx.Client, profile: dict[str, str], title_id: int) -> Player:
    """Open a session on a title. Raises GateFailed with what was refused."""
    headers = profile | {"Idempotency-Key": secrets.token_hex(8)}
    granted = _json(client.post("/v1/playback-sessions", json={"title_id": str(title_id)}, headers=headers), "session")
    manifest = next(each for each in granted["manifests"] if each["type"] == "application/dash+xml")
    answer = client.get(manifest["url"])
    if answer.status_code != 200:
        raise GateFailed("manifest refused", where=f"title {title_id}", got=str(answer.status_code))
    kid, track = _picture(answer.content)
    return Player(
        client=client,
        session_id=granted["session_id"],
        token=granted["token"],
        media=granted["media"]["token"],
        edges={edge["name"]: client_of(edge["url"]) for edge in granted["edges"]},
        licences=granted["drm"]["servers"][CLEARKEY] if granted["drm"] else "",
        kid=kid,
        track=track,
    )


def _picture(manifest: bytes) -> tuple[str, tuple[str, str]]:
    """Key id and paths of the first picture. Raises GateFailed for a manifest without one."""
    tree = etree.fromstring(manifest)
    base = next((each.text or "" for each in tree.iter(f"{MPD}BaseURL")), "")
    for group in tree.iter(f"{MPD}AdaptationSet"):
        templates = [t for t in group.iter(f"{MPD}SegmentTemplate") if "video/" in t.get("initialization", "")]
        for template in templates[:1]:
            kids = [each.get(f"{CENC}default_KID") for each in group.iter(f"{MPD}ContentProtection")]
            kid = next((each.replace("-", "") for each in kids if each), "")
            return kid, (_below(base, template.get("initialization")), _below(base, template.get("media")))
    raise GateFailed("no picture in the manifest", got=manifest[:200].decode(errors="replace"))


def _below(base: str, path: str | None) -> str:
    return urljoin(base, path or "").split("/m/")[1].partition("/")[2]


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _json(answer: httpx.Response, what: str) -> Any:
    if not answer.is_success:
        raise GateFailed(f"{what} refused", got=f"{answer.status_code}: {answer.text[:200]}")
    return answer.json()
