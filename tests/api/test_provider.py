"""Sign-in with an OpenID Connect provider: a real one of our own, on a socket, which can be told to misbehave."""

import base64
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from marquee.catalogue import accounts, passkeys
from marquee.catalogue.database import begin
from marquee.contracts.members import Role
from marquee.embedded.ports import free
from marquee.members import provider as ours
from marquee.members import staff
from marquee.settings import settings
from tests.api.conftest import assert_problem
from tests.plugin_mail import Mailbox, text_of

ADA, CLIENT, SECRET = "ada@example.org", "marquee", "secret of the client"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
JWK = jwt.algorithms.RSAAlgorithm.to_jwk(OTHER_KEY.public_key(), as_dict=True)
PATH = "/v1/sign-in/provider"


@dataclass
class Provider:
    """What it says of whom, and how it misbehaves: `claims` replace those of the token."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    key: Any = KEY
    algorithm: str = "RS256"
    iss: str | None = None
    header: dict[str, Any] = field(default_factory=dict)  # of the token, beside its key's id
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def app(self) -> Starlette:
        names = {"authorize": self.authorize, "token": self.token, "keys": self.keys}
        routes = [Route(f"/{name}", to, methods=["GET", "POST"]) for name, to in names.items()]
        return Starlette(routes=[*routes, Route("/.well-known/openid-configuration", self.about)])

    async def about(self, _: Request) -> JSONResponse:
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return JSONResponse({"issuer": self.issuer} | {k: f"{self.issuer}/{v}" for k, v in places.items()})

    async def authorize(self, request: Request) -> RedirectResponse:
        wanted = dict(request.query_params)
        code = f"code {len(self.codes)}"
        self.codes[code] = wanted
        return RedirectResponse(
            f"{wanted['redirect_uri']}?code={code}&state={wanted['state']}&iss={self.iss or self.issuer}"
        )

    async def token(self, request: Request) -> JSONResponse:
        form = {k: str(v) for k, v in (await request.form()).items()}
        wanted = self.codes.pop(form.get("code", ""), None)
        login = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        self.asked.append(form)
        if (
            wanted is None
            or wanted["code_challenge"] != challenge
            or request.headers["authorization"] != f"Basic {login}"
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 300, "nonce": wanted["nonce"],
            "email": ADA, "email_verified": True,
        } | self.claims  # fmt: skip
        kept = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode(kept, self.key, self.algorithm, headers=self.header | {"kid": "1"})
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})

    async def keys(self, _: Request) -> JSONResponse:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        return JSONResponse({"keys": [public | {"kid": "1", "use": "sig", "alg": "RS256"}]})


@pytest.fixture
def provider(catalogue: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """The provider that the settings name."""
    port = free(1)[0]
    made = Provider(issuer=f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(made.app(), port=port, log_level="warning"))
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive()
    for name, value in {"ISSUER": made.issuer, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET, "NAME": "Acme"}.items():
        monkeypatch.setenv(f"MARQUEE_OIDC_{name}", value)
    settings.cache_clear()
    for cached in (ours._discovered, ours._keys):
        cached.cache_clear()
    yield made
    server.should_exit = True
    thread.join()


def begin_at(client: TestClient, return_to: str = "/title/7") -> str:
    answer = client.get(f"{PATH}/begin", params={"return_to": return_to}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def at_provider(address: str) -> str:
    """Where the provider sends the browser back to."""
    import httpx

    return str(httpx.get(address, follow_redirects=False).headers["location"])


def come_back(client: TestClient, address: str) -> str:
    """The page that the browser lands on."""
    parts = urlsplit(address)
    answer = client.get(f"{parts.path}?{parts.query}", follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def account(client: TestClient) -> Any:
    """Of whom the cookie is; None for nobody."""
    answer = client.post("/v1/sign-in/refresh", json={})
    if answer.status_code != 200:
        return None
    return client.get("/v1/account", headers={"Authorization": f"Bearer {answer.json()['access_token']}"}).json()


def test_a_newcomer_gets_an_account_and_finds_it_again(guest: TestClient, provider: Provider) -> None:
    assert guest.get(PATH).json() == {"name": "Acme"}
    address = begin_at(guest)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"http://testserver{PATH}/callback"
    assert come_back(guest, at_provider(address)) == "/title/7"
    first = account(guest)
    assert (first["email"], first["email_verified"]) == (ADA, True)
    provider.claims = {"email": "another@example.org"}  # who it is, is the subject, not the address
    come_back(guest, at_provider(begin_at(guest)))
    assert account(guest)["account_id"] == first["account_id"]


def test_a_verified_address_leads_to_the_account_that_has_it(guest: TestClient, provider: Provider) -> None:
    known = staff.create(ADA, "lantern over quiet water", Role.MEMBER, by="test")
    come_back(guest, at_provider(begin_at(guest)))
    assert account(guest)["account_id"] == str(known)


def test_who_lay_in_wait_in_an_account_that_nobody_had_verified_is_out(guest: TestClient, provider: Provider) -> None:
    theirs = {"email": ADA, "password": "lantern over quiet water"}
    assert guest.post("/v1/accounts", json=theirs).status_code == 202
    lurking = guest.post("/v1/sign-in", json=theirs | {"keep": "body"}).json()
    with begin() as session:
        opened = accounts.by_address(session, ADA)
        assert opened is not None
        assert passkeys.add(session, opened.id, b"theirs", b"key", 0, "their phone")
    come_back(guest, at_provider(begin_at(guest)))
    assert account(guest)["account_id"] == str(opened.id)
    assert_problem(guest.post("/v1/sign-in", json=theirs), 401, "wrong-credentials")
    refreshed = guest.post("/v1/sign-in/refresh", json={"refresh_token": lurking["refresh_token"]})
    assert_problem(refreshed, 401, "signed-out")
    with begin() as session:
        assert passkeys.listed(session, opened.id) == []


@pytest.mark.parametrize(
    "claims", [{"email_verified": False}, {"email_verified": "true"}, {"email": None}, {"email": "x"}]
)
def test_an_address_that_is_not_verified_opens_nothing(
    guest: TestClient, provider: Provider, claims: dict[str, Any]
) -> None:
    staff.create(ADA, "lantern over quiet water", Role.MEMBER, by="test")
    provider.claims = claims
    assert come_back(guest, at_provider(begin_at(guest))) == "/sign-in?problem=provider-refused"
    assert account(guest) is None


TOKENS: dict[str, dict[str, Any]] = {
    "of another sign-in": {"claims": {"nonce": "another"}},
    "without a nonce": {"claims": {"nonce": None}},
    "for another client": {"claims": {"aud": "another"}},
    "for several, by another": {"claims": {"aud": [CLIENT, "another"], "azp": "another"}},
    "of another provider": {"claims": {"iss": "http://evil.example"}},
    "that has expired": {"claims": {"exp": int(time.time()) - 3600}},
    "that never expires": {"claims": {"exp": None}},
    "about nobody": {"claims": {"sub": None}},
    "with another key": {"key": OTHER_KEY},
    "with a key of its own making": {"key": OTHER_KEY, "header": {"jwk": JWK, "jku": "http://evil.example/keys"}},
    "with the client's secret for a key": {"key": SECRET + "x" * 32, "algorithm": "HS256"},
    "without a signature": {"key": None, "algorithm": "none"},
}


@pytest.mark.parametrize("wrong", TOKENS.values(), ids=TOKENS)
def test_a_token_that_is_not_good_opens_nothing(guest: TestClient, provider: Provider, wrong: dict[str, Any]) -> None:
    for name, value in wrong.items():
        setattr(provider, name, value)
    assert come_back(guest, at_provider(begin_at(guest))) == "/sign-in?problem=provider-refused"
    assert account(guest) is None


def test_an_answer_of_another_provider_is_not_taken(guest: TestClient, provider: Provider) -> None:
    provider.iss = "http://evil.example"
    assert come_back(guest, at_provider(begin_at(guest))) == "/sign-in?problem=provider-refused"
    assert provider.asked == []  # and its code is not sent anywhere


def test_nobody_finishes_what_another_has_begun(guest: TestClient, provider: Provider) -> None:
    theirs = at_provider(begin_at(guest))
    guest.cookies.clear()
    assert come_back(guest, theirs) == "/sign-in?problem=provider-refused"  # without the cookie
    begin_at(guest)
    assert come_back(guest, theirs) == "/sign-in?problem=provider-refused"  # with that of another sign-in
    assert account(guest) is None


def test_an_answer_works_once(guest: TestClient, provider: Provider) -> None:
    address = at_provider(begin_at(guest))
    cookie = guest.cookies.get("marquee_provider")
    assert come_back(guest, address) == "/title/7"
    assert come_back(guest, address) == "/sign-in?problem=provider-refused"  # the cookie is gone
    guest.cookies.set("marquee_provider", str(cookie), domain="testserver.local", path=PATH)
    assert come_back(guest, address) == "/sign-in?problem=provider-refused"  # the code was spent at the provider


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:1", "x"]
)
def test_nobody_is_sent_elsewhere(guest: TestClient, provider: Provider, elsewhere: str) -> None:
    assert come_back(guest, at_provider(begin_at(guest, elsewhere))) == "/"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_other_site_begins_a_sign_in(guest: TestClient, provider: Provider, site: str) -> None:
    answer = guest.get(f"{PATH}/begin", headers={"Sec-Fetch-Site": site}, follow_redirects=False)
    assert_problem(answer, 403, "forbidden")
    assert "set-cookie" not in answer.headers


def test_the_owner_of_the_address_is_told(guest: TestClient, provider: Provider, mailbox: Mailbox) -> None:
    come_back(guest, at_provider(begin_at(guest)))
    assert "Acme" in text_of(mailbox.to(ADA, "Another way into your account"))


def test_a_provider_that_calls_itself_otherwise_is_not_asked(guest: TestClient, provider: Provider) -> None:
    provider.issuer = "http://evil.example"
    assert_problem(guest.get(f"{PATH}/begin", follow_redirects=False), 503, "unavailable")


def test_a_refusal_of_the_provider_is_told(guest: TestClient, provider: Provider) -> None:
    begin_at(guest)
    answer = guest.get(f"{PATH}/callback", params={"error": "access_denied", "state": "x"}, follow_redirects=False)
    assert answer.headers["location"] == "/sign-in?problem=provider-refused"


def test_a_locked_account_stays_locked(guest: TestClient, provider: Provider) -> None:
    staff.create(ADA, "lantern over quiet water", Role.MEMBER, by="test")
    staff.lock(ADA, "a test", by="test")
    assert come_back(guest, at_provider(begin_at(guest))) == "/sign-in?problem=account-locked"
    assert account(guest) is None


def test_without_a_provider_there_is_none(guest: TestClient) -> None:
    assert guest.get(PATH).json() == {"name": None}
    assert_problem(guest.get(f"{PATH}/begin", follow_redirects=False), 404, "not-found")


def test_a_provider_that_is_away_is_unavailable(
    guest: TestClient, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARQUEE_OIDC_ISSUER", "http://127.0.0.1:1")  # nobody listens there
    settings.cache_clear()
    assert_problem(guest.get(f"{PATH}/begin", follow_redirects=False), 503, "unavailable")
