"""Attacks on accounts and sign-in that have no other place among the tests, each as the one who tries it."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pyotp
import pytest
from starlette.testclient import TestClient

from api.main import create_app
from marquee.catalogue import accounts, attempts, second_factors
from marquee.catalogue.database import begin
from marquee.catalogue.models import AttemptRow, DeviceRow
from marquee.contracts.members import Caller, Role
from marquee.members import back_off, passwords, staff
from marquee.members.errors import TooManyAttempts
from marquee.members.second_factors import codes
from marquee.settings import settings
from tests.api.conftest import Publish, assert_problem
from tests.households import Viewer
from tests.plugin_mail import Mailbox

ADA, PASSWORD, OTHER = "ada@example.org", "lantern over quiet water", "seven kites above osaka"
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in create_app().openapi()["paths"].items()
    for method, operation in methods.items()
]


@pytest.fixture
def ada(guest: TestClient) -> Iterator[int]:
    """The account of a member."""
    yield staff.create(ADA, PASSWORD, Role.MEMBER, by="test")
    guest.cookies.clear()


def sign_in(client: TestClient, email: str = ADA, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/v1/sign-in", json={"email": email, "password": password, **more})


def device_of(answer: Any) -> str:
    claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    return str(claims["did"])


class TestFixation:
    """Nobody's sign-in is that of who was in the browser before."""

    def test_a_planted_cookie_becomes_nobody_elses_sign_in(self, guest: TestClient, ada: int) -> None:
        staff.create("eve@example.org", OTHER, Role.MEMBER, by="test")
        eves = sign_in(guest, "eve@example.org", OTHER)
        planted = guest.cookies.get("marquee_refresh")
        adas = sign_in(guest)
        assert device_of(adas) != device_of(eves)
        assert guest.cookies.get("marquee_refresh") != planted
        guest.cookies.clear()
        assert_problem(guest.post("/v1/sign-in/refresh", json={"refresh_token": planted}), 401, "signed-out")

    def test_a_new_sign_in_ends_the_one_that_the_browser_had(self, guest: TestClient, ada: int) -> None:
        former = {"Authorization": f"Bearer {sign_in(guest).json()['access_token']}"}
        elsewhere = {"Authorization": f"Bearer {sign_in(guest, keep='body').json()['access_token']}"}
        assert_problem(guest.get("/v1/account", headers=former), 401, "signed-out")
        guest.cookies.set("marquee_refresh", "nonsense", path="/v1/sign-in")
        assert sign_in(guest).status_code == 201
        assert guest.get("/v1/account", headers=elsewhere).status_code == 200


class TestForgedRequests:
    """Another site can send a browser here with its cookies, but not with a header."""

    def test_a_cookie_alone_opens_nothing(self, guest: TestClient, ada: int) -> None:
        sign_in(guest)
        cookie = guest.cookies.get("marquee_refresh")
        member = [found for found in OPERATIONS if found[2].get("security") in ([{"member": []}], [{"session": []}])]
        assert len(member) > 40
        for method, path, _ in member:
            asked = path.replace("{", "").replace("}", "")
            answer = guest.request(method, asked, headers={"Cookie": f"marquee_refresh={cookie}"}, json={})
            assert answer.status_code in {401, 422}, (method, path)
            assert answer.status_code == 401 or "{" in path, (method, path)

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
    def test_a_form_of_another_site_signs_nobody_in(self, guest: TestClient, ada: int, kind: str) -> None:
        body = json.dumps({"email": ADA, "password": PASSWORD}).encode()
        answer = guest.post("/v1/sign-in", content=body, headers={"Content-Type": kind} if kind else {})
        assert answer.status_code == 422
        assert "set-cookie" not in answer.headers


class TestMassAssignment:
    def test_no_body_takes_a_field_that_it_does_not_name(self) -> None:
        schemas = create_app().openapi()["components"]["schemas"]
        bodies = {
            one["$ref"].rpartition("/")[2]
            for _, _, operation in OPERATIONS
            for content in operation.get("requestBody", {}).get("content", {}).values()
            for one in content["schema"].get("anyOf", [content["schema"]])
            if "$ref" in one
        }
        assert len(bodies) > 20
        assert [name for name in sorted(bodies) if schemas[name].get("additionalProperties") is not False] == []

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("POST", "/v1/accounts", {"email": "eve@example.org", "password": OTHER, "role": "admin"}),
            ("POST", "/v1/account/subscription/trial", {"plan": "basic", "state": "active"}),
            ("POST", "/v1/profiles", {"name": "Eve", "origin": "simulated"}),
            ("PATCH", "own profile", {"name": "Eve", "account_id": "7"}),
            ("PUT", "/v1/account/password", {"current": PASSWORD, "password": OTHER, "role": "admin"}),
        ],
    )
    def test_role_and_plan_are_nobodys_to_say(
        self, client: TestClient, viewer: Viewer, method: str, path: str, body: dict[str, str]
    ) -> None:
        asked = viewer.path() if path == "own profile" else path
        assert_problem(client.request(method, asked, json=body), 422, "invalid-input")


class TestGuessing:
    def test_nobody_locks_another_out_for_good(self, catalogue: None) -> None:
        """An attacker with as many networks as he likes costs the owner a minute at most."""
        for n in range(150):
            back_off.failed(ADA, Caller(f"10.0.{n // 200}.{n % 200}"))
        owner = Caller("198.51.100.7")
        with pytest.raises(TooManyAttempts) as refused:
            back_off.check(ADA, owner)
        assert refused.value.until <= datetime.now(UTC) + timedelta(seconds=60)
        with begin() as session:  # a minute later
            session.query(AttemptRow).update({"blocked_until": datetime.now(UTC)})
        back_off.check(ADA, owner)
        with begin() as session:
            assert attempts.blocked_until(session, [ADA]) is None

    def test_a_second_factor_is_guessed_as_slowly(self, guest: TestClient, ada: int) -> None:
        codes.propose(ada)
        with begin() as session:
            second_factors.confirm_totp(session, ada, codes.hashes(codes.new_recovery_codes()))
        types = [sign_in(guest, code=f"{n:06}").json()["type"].rpartition("/")[2] for n in range(8)]
        assert types[:5] == ["wrong-code"] * 5
        assert types[-1] == "too-many-attempts"


class TestEnumeration:
    """Times are in tests/members/test_timing.py."""

    def test_a_passkeys_challenge_depends_on_nobody(self, guest: TestClient, ada: int) -> None:
        answers = [guest.post("/v1/sign-in/passkey/options").json()["public_key"] for _ in range(2)]
        assert all(answer.pop("challenge") for answer in answers)
        assert answers[0] == answers[1]
        assert answers[0]["allowCredentials"] == []

    def test_a_passkey_that_nobody_has_is_answered_alike_whosever_it_is_said_to_be(
        self, guest: TestClient, ada: int
    ) -> None:
        told = []
        for account_id in (ada, 7):
            handle = base64.urlsafe_b64encode(account_id.to_bytes(8, "big")).decode()
            credential = {"id": "AAAA", "response": {"userHandle": handle}}
            challenge = guest.post("/v1/sign-in/passkey/options").json()["challenge"]
            answer = guest.post("/v1/sign-in/passkey", json={"challenge": challenge, "credential": credential})
            told.append(assert_problem(answer, 401, "wrong-passkey") | {"trace_id": ""})
        assert told[0] == told[1]

    def test_a_change_to_a_taken_address_is_answered_as_to_a_free_one(
        self, client: TestClient, viewer: Viewer, ada: int
    ) -> None:
        with begin() as session:
            accounts.set_password(session, viewer.account_id, passwords.hashed(PASSWORD))
        answers = [
            client.post("/v1/account/address-change", json={"email": email, "password": PASSWORD})
            for email in (ADA, "free@example.org")
        ]
        assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"null")}


class TestSignIns:
    def test_an_unused_one_ends(self, guest: TestClient, ada: int) -> None:
        made = sign_in(guest, keep="body").json()
        claims = jwt.decode(made["refresh_token"], options={"verify_signature": False})
        assert claims["exp"] == pytest.approx((datetime.now(UTC) + timedelta(days=30)).timestamp(), abs=60)
        with begin() as session:
            session.query(DeviceRow).update({"expires_at": datetime.now(UTC)})
        refused = guest.post("/v1/sign-in/refresh", json={"refresh_token": made["refresh_token"]})
        assert_problem(refused, 401, "signed-out")
        headers = {"Authorization": f"Bearer {made['access_token']}"}
        assert_problem(guest.get("/v1/account", headers=headers), 401, "signed-out")

    def test_however_much_it_is_used_one_ends(
        self, guest: TestClient, ada: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MARQUEE_SIGN_IN_S", "864000")
        settings.cache_clear()
        made = sign_in(guest, keep="body").json()
        with begin() as session:  # nine days later
            session.query(DeviceRow).update({"created_at": datetime.now(UTC) - timedelta(days=9)})
        made = guest.post("/v1/sign-in/refresh", json={"refresh_token": made["refresh_token"]}).json()
        claims = jwt.decode(made["refresh_token"], options={"verify_signature": False})
        assert claims["exp"] == pytest.approx((datetime.now(UTC) + timedelta(days=1)).timestamp(), abs=60)
        with begin() as session:  # another day later
            session.query(DeviceRow).update({"expires_at": datetime.now(UTC)})
        refused = guest.post("/v1/sign-in/refresh", json={"refresh_token": made["refresh_token"]})
        assert_problem(refused, 401, "signed-out")

    def test_a_reset_of_the_password_takes_no_second_factor_away(
        self, guest: TestClient, ada: int, mailbox: Mailbox, publish: Publish
    ) -> None:
        app = pyotp.TOTP(codes.propose(ada) or "")
        with begin() as session:
            second_factors.confirm_totp(session, ada, codes.hashes(codes.new_recovery_codes()))
        guest.post("/v1/accounts/forgotten-password", json={"email": ADA})
        token = mailbox.token(ADA, "Set a new password")
        assert guest.post("/v1/accounts/new-password", json={"token": token, "password": OTHER}).status_code == 204
        assert_problem(sign_in(guest, password=OTHER), 401, "second-factor-required")
        assert sign_in(guest, password=OTHER, code=app.now()).status_code == 201

    def test_a_recovery_code_has_a_hundred_and_twelve_bits_and_more(self) -> None:
        made = [code for _ in range(100) for code in codes.new_recovery_codes()]
        letters = len(made[0].replace("-", ""))
        assert len(set(made)) == 1000
        assert len(set("".join(made)) - {"-"}) == 32
        assert letters * 5 >= 112


class TestPasswords:
    def test_it_is_compared_whole(self, guest: TestClient, ada: int) -> None:
        longest = "lantern over quiet water, " * 9 + "a" * 22
        assert len(longest) == passwords.LONGEST
        with begin() as session:
            accounts.set_password(session, ada, passwords.hashed(longest))
        assert sign_in(guest, password=longest).status_code == 201
        for other in (longest + "b", longest[:-1], longest.upper(), f" {longest[1:]}"):
            assert_problem(sign_in(guest, password=other), 401, "wrong-credentials")

    @pytest.mark.parametrize(
        "password",
        ["lantern over quiet water", "seltenerdmetallzaun", "73150 26948 81527", "λύχνος ἐν ὕδατι", "!?&%$ *+#' ;:_-"],
    )
    def test_any_characters_make_one(self, password: str) -> None:
        passwords.check(password)
