"""Accounts and sign-in, over HTTP, with the messages that a member gets."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import jwt
import pyotp
import pytest
from starlette.testclient import TestClient

from api.main import create_app
from marquee.catalogue import accounts as rows
from marquee.catalogue import mails
from marquee.catalogue.database import begin
from marquee.catalogue.models import MailRow, OneTimeLink
from marquee.members import tokens
from marquee.members.tokens import TokenAudience
from marquee.settings import settings
from tests.api.conftest import assert_problem
from tests.plugin_mail import Mailbox, text_of

ADA, PASSWORD, OTHER = "ada@example.org", "lantern over quiet water", "seven kites above osaka"
VERIFY, RESET = "Confirm your e-mail", "Set a new password"


@pytest.fixture
def client(mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The app, whose mail arrives in the mailbox."""
    monkeypatch.setattr("api.background.MAIL_PAUSE_S", 0.05)
    with TestClient(create_app(tmp_path / "dist")) as client:
        yield client


def register(client: TestClient, email: str = ADA, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/v1/accounts", json={"email": email, "password": password, **more})


def log_in(client: TestClient, email: str = ADA, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/v1/sign-in", json={"email": email, "password": password, "keep": "body", **more})


def bearer(answer: Any) -> dict[str, str]:
    assert answer.status_code in {200, 201}, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
def ada(client: TestClient, mailbox: Mailbox) -> dict[str, str]:
    """The header of a member who has verified her address."""
    assert register(client).status_code == 202
    token = mailbox.token(ADA, VERIFY)
    assert client.post("/v1/accounts/verification", json={"token": token}).status_code == 204
    return bearer(log_in(client))


def refresh(client: TestClient, token: str) -> Any:
    return client.post("/v1/sign-in/refresh", json={"refresh_token": token})


def kinds(client: TestClient, member: dict[str, str]) -> list[str]:
    return [entry["kind"] for entry in client.get("/v1/account/audit-trail", headers=member).json()["items"]]


class TestRegistration:
    def test_an_account_is_opened_verified_and_signed_in_to(self, client: TestClient, mailbox: Mailbox) -> None:
        assert register(client, "  Ada@Example.org ", language="de").status_code == 202
        message = mailbox.to(ADA, "Bestätigen Sie Ihre E-Mail-Adresse")
        assert message.get_body(("html",)) is not None
        member = bearer(log_in(client))
        assert client.get("/v1/account", headers=member).json()["email_verified"] is False
        token = text_of(message).partition("#")[2].split()[0]
        assert client.post("/v1/accounts/verification", json={"token": token}).status_code == 204
        account = client.get("/v1/account", headers=member).json()
        assert (account["email"], account["email_verified"], account["role"]) == (ADA, True, "member")
        assert kinds(client, member) == ["email-verified", "logged-in", "signed-up"]

    def test_a_link_works_once(self, client: TestClient, mailbox: Mailbox) -> None:
        register(client)
        token = mailbox.token(ADA)
        assert client.post("/v1/accounts/verification", json={"token": token}).status_code == 204
        assert_problem(client.post("/v1/accounts/verification", json={"token": token}), 410, "link-spent")

    @pytest.mark.parametrize("spoil", ["other purpose", "expired", "one bit", "nonsense"])
    def test_what_is_no_good_link_is_refused(self, client: TestClient, mailbox: Mailbox, spoil: str) -> None:
        register(client)
        token = mailbox.token(ADA)
        if spoil == "expired":
            with begin() as session:
                session.query(OneTimeLink).update({"expires_at": datetime.now(UTC) - timedelta(seconds=1)})
        if spoil == "one bit":
            raw = bytearray(base64.urlsafe_b64decode(token))
            raw[-1] ^= 1
            token = base64.urlsafe_b64encode(raw).decode()
        if spoil == "nonsense":
            token = "nonsense"
        path = "/v1/accounts/verification"
        body = {"token": token}
        if spoil == "other purpose":
            path, body = "/v1/accounts/new-password", {"token": token, "password": OTHER}
        assert_problem(client.post(path, json=body), 410, "link-spent")

    def test_the_owner_of_a_known_address_is_told_and_nobody_else(
        self, client: TestClient, mailbox: Mailbox, ada: dict[str, str]
    ) -> None:
        known, unknown = register(client, password=OTHER), register(client, "eve@example.org", OTHER)
        assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
        assert "account already" in mailbox.to(ADA, "You have an account")["subject"]
        assert_problem(log_in(client, password=OTHER), 401, "wrong-credentials")
        assert log_in(client).status_code == 201

    @pytest.mark.parametrize(
        "password",
        ["short", "password123", "qwertyuiop", "ada@example.org", "aaaaaaaaaaaa", "x" * 257, "marqueemarquee"],
    )
    def test_what_is_easy_to_guess_is_no_password(self, client: TestClient, password: str) -> None:
        assert_problem(register(client, password=password), 422, "weak-password")
        assert log_in(client, password=password).status_code == 401

    @pytest.mark.parametrize("email", ["ada", "ada@", "@example.org", "ada@exa mple.org", "a\r\nBcc: eve@example.org"])
    def test_what_is_no_address_is_named(self, client: TestClient, email: str) -> None:
        assert_problem(register(client, email), 422, "invalid-input")

    @pytest.mark.parametrize("extra", [{"role": "admin"}, {"origin": "demo"}, {"email_verified_at": "2026-01-01"}])
    def test_nothing_but_what_is_asked_for_is_taken(self, client: TestClient, extra: dict[str, str]) -> None:
        assert_problem(register(client, **extra), 422, "invalid-input")

    def test_links_lead_to_the_configured_site_whatever_host_was_asked(
        self, client: TestClient, mailbox: Mailbox
    ) -> None:
        headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        client.post("/v1/accounts", json={"email": ADA, "password": PASSWORD}, headers=headers)
        text = text_of(mailbox.to(ADA))
        assert settings().api_url in text
        assert "evil.example" not in text

    def test_mail_waits_for_a_mail_server_and_then_comes(
        self, client: TestClient, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MARQUEE_SMTP_URL", "smtp://127.0.0.1:1")
        settings.cache_clear()
        put_off, was_put_off = mails.put_off, Event()

        def noted(*args: Any) -> None:
            put_off(*args)
            was_put_off.set()

        monkeypatch.setattr(mails, "put_off", noted)
        register(client)
        assert was_put_off.wait(20)
        monkeypatch.delenv("MARQUEE_SMTP_URL")
        settings.cache_clear()
        with begin() as session:
            session.query(MailRow).update({"due_at": datetime.now(UTC)})
        assert mailbox.token(ADA, VERIFY)


class TestLogIn:
    def test_unknown_and_wrong_are_answered_alike(self, client: TestClient, ada: dict[str, str]) -> None:
        wrong, unknown = log_in(client, password=OTHER), log_in(client, "eve@example.org")
        left, right = (assert_problem(answer, 401, "wrong-credentials") for answer in (wrong, unknown))
        for problem in (left, right):
            del problem["trace_id"]
        assert left == right

    def test_guessing_is_slowed_down_by_network_and_the_owner_elsewhere_is_not(
        self, client: TestClient, ada: dict[str, str], tmp_path: Path
    ) -> None:
        for _ in range(6):
            assert_problem(log_in(client, password=OTHER), 401, "wrong-credentials")
        refused = log_in(client)
        assert_problem(refused, 429, "too-many-attempts")
        assert 1 <= int(refused.headers["Retry-After"]) <= 2
        elsewhere = TestClient(client.app, client=("198.51.100.7", 50000))
        assert log_in(elsewhere).status_code == 201

    def test_unknown_addresses_are_slowed_down_alike(self, client: TestClient) -> None:
        for _ in range(6):
            assert_problem(log_in(client, "eve@example.org"), 401, "wrong-credentials")
        assert_problem(log_in(client, "eve@example.org"), 429, "too-many-attempts")

    def test_a_locked_account_says_so_to_its_owner_alone(self, client: TestClient, ada: dict[str, str]) -> None:
        with begin() as session:
            account = rows.by_address(session, ADA)
            assert account
            rows.lock(session, account.id, "asked for")
        assert_problem(log_in(client), 403, "account-locked")
        assert_problem(log_in(client, password=OTHER), 401, "wrong-credentials")
        assert_problem(client.get("/v1/account", headers=ada), 401, "signed-out")

    def test_a_browser_keeps_the_refresh_token_where_no_script_reads_it(
        self, client: TestClient, ada: dict[str, str]
    ) -> None:
        answer = client.post("/v1/sign-in", json={"email": ADA, "password": PASSWORD})
        assert answer.json()["refresh_token"] is None
        cookie = answer.headers["set-cookie"].lower()
        assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/v1/sign-in"))
        assert "secure" not in cookie  # over plain HTTP a browser would drop it
        renewed = client.post("/v1/sign-in/refresh", json={}, headers={"Sec-Fetch-Site": "same-origin"})
        assert client.get("/v1/account", headers=bearer(renewed)).status_code == 200

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    def test_another_site_cannot_refresh(self, client: TestClient, ada: dict[str, str], site: str) -> None:
        client.post("/v1/sign-in", json={"email": ADA, "password": PASSWORD})
        answer = client.post("/v1/sign-in/refresh", json={}, headers={"Sec-Fetch-Site": site})
        assert_problem(answer, 403, "forbidden")
        assert client.post("/v1/sign-in/refresh", json={}).status_code == 200


class TestRefresh:
    def test_of_twenty_who_come_with_the_same_token_one_wins_and_then_the_family_ends(
        self, client: TestClient, ada: dict[str, str]
    ) -> None:
        first = log_in(client).json()["refresh_token"]
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: refresh(client, first), range(20)))
        assert sorted(answer.status_code for answer in answers) == [200, *[401] * 19]
        (won,) = (answer.json() for answer in answers if answer.status_code == 200)
        assert_problem(refresh(client, won["refresh_token"]), 401, "signed-out")
        headers = {"Authorization": f"Bearer {won['access_token']}"}
        assert_problem(client.get("/v1/account", headers=headers), 401, "signed-out")
        assert kinds(client, ada).count("token-reused") == 1

    def test_a_chain_of_tokens_lasts_and_an_old_one_ends_it(self, client: TestClient, ada: dict[str, str]) -> None:
        chain = [log_in(client).json()["refresh_token"]]
        for _ in range(5):
            chain.append(refresh(client, chain[-1]).json()["refresh_token"])
        assert_problem(refresh(client, chain[2]), 401, "signed-out")
        assert_problem(refresh(client, chain[-1]), 401, "signed-out")
        assert client.get("/v1/account", headers=ada).status_code == 200  # her other sign-in goes on

    @pytest.mark.parametrize("spoil", ["none", "audience", "expired", "key", "no expiry", "RS256"])
    def test_forged_tokens_are_refused(self, client: TestClient, ada: dict[str, str], spoil: str) -> None:
        key = settings().secret("token_key")
        claims = jwt.decode(ada["Authorization"].split()[1], key, algorithms=["HS256"], audience="access")
        if spoil == "none":
            parts = [{"alg": "none", "typ": "JWT"}, claims]
            token = ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts) + "."
        elif spoil == "RS256":
            header = base64.urlsafe_b64encode(b'{"alg":"RS256","typ":"JWT"}').decode().rstrip("=")
            token = ".".join([header, *jwt.encode(claims, key).split(".")[1:]])
        elif spoil == "no expiry":
            token = jwt.encode({k: v for k, v in claims.items() if k != "exp"}, key)
        else:
            change = {"audience": {"aud": "refresh"}, "expired": {"exp": 1}}.get(spoil, {})
            token = jwt.encode(claims | change, "another key of thirty-two bytes." if spoil == "key" else key)
        answer = client.get("/v1/account", headers={"Authorization": f"Bearer {token}"})
        assert_problem(answer, 401, "token-expired" if spoil == "expired" else "unauthorised")

    def test_tokens_of_one_audience_open_nothing_else(self, client: TestClient, ada: dict[str, str]) -> None:
        made = log_in(client).json()
        crossed = {"Authorization": f"Bearer {made['refresh_token']}"}
        assert client.get("/v1/account", headers=crossed).status_code == 401
        assert refresh(client, made["access_token"]).status_code == 401
        until = datetime.now(UTC) + timedelta(hours=1)
        licence = tokens.issue(TokenAudience.LICENCE, 1, expires_at=until, did="1")
        assert client.get("/v1/account", headers={"Authorization": f"Bearer {licence}"}).status_code == 401


class TestDevices:
    def test_devices_are_listed_and_signed_out(self, client: TestClient, ada: dict[str, str], mailbox: Mailbox) -> None:
        agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        body = {"email": ADA, "password": PASSWORD, "keep": "body"}
        other = client.post("/v1/sign-in", json=body, headers={"User-Agent": agent})
        assert "Firefox on Linux" in text_of(mailbox.to(ADA, "New sign-in"))
        devices = client.get("/v1/account/devices", headers=ada).json()["items"]
        assert [(d["name"], d["current"]) for d in devices] == [("Firefox on Linux", False), ("", True)]
        gone = f"/v1/account/devices/{devices[0]['device_id']}"
        assert client.delete(gone, headers=ada).status_code == 204
        assert_problem(client.delete(gone, headers=ada), 404, "not-found")
        assert_problem(refresh(client, other.json()["refresh_token"]), 401, "signed-out")
        assert_problem(client.get("/v1/account", headers=bearer(other)), 401, "signed-out")

    @pytest.mark.parametrize("everywhere", [False, True])
    def test_logging_out_here_and_everywhere(self, client: TestClient, ada: dict[str, str], everywhere: bool) -> None:
        other = bearer(log_in(client))
        assert client.post("/v1/sign-in/end", json={"everywhere": everywhere}, headers=other).status_code == 204
        assert client.get("/v1/account", headers=other).status_code == 401
        assert client.get("/v1/account", headers=ada).status_code == (401 if everywhere else 200)

    def test_nobody_signs_anothers_device_out(self, client: TestClient, ada: dict[str, str]) -> None:
        register(client, "eve@example.org", OTHER)
        eve = bearer(log_in(client, "eve@example.org", OTHER))
        device = client.get("/v1/account/devices", headers=ada).json()["items"][0]["device_id"]
        assert_problem(client.delete(f"/v1/account/devices/{device}", headers=eve), 404, "not-found")
        assert client.get("/v1/account", headers=ada).status_code == 200


class TestPasswords:
    def test_a_forgotten_one_is_replaced_by_a_link_and_all_devices_are_signed_out(
        self, client: TestClient, mailbox: Mailbox, ada: dict[str, str]
    ) -> None:
        assert client.post("/v1/accounts/forgotten-password", json={"email": ADA}).status_code == 202
        token = mailbox.token(ADA, RESET)
        weak = client.post("/v1/accounts/new-password", json={"token": token, "password": "ada@example.org"})
        assert_problem(weak, 422, "weak-password")  # the link is not spent by it
        done = client.post("/v1/accounts/new-password", json={"token": token, "password": OTHER})
        assert done.status_code == 204
        again = client.post("/v1/accounts/new-password", json={"token": token, "password": PASSWORD})
        assert_problem(again, 410, "link-spent")
        assert client.get("/v1/account", headers=ada).status_code == 401
        assert log_in(client).status_code == 401
        assert log_in(client, password=OTHER).status_code == 201
        assert mailbox.to(ADA, "password was changed")

    def test_an_unknown_address_is_answered_alike_and_gets_no_mail(
        self, client: TestClient, mailbox: Mailbox, ada: dict[str, str]
    ) -> None:
        answers = [
            client.post("/v1/accounts/forgotten-password", json={"email": email}) for email in ("eve@example.org", ADA)
        ]
        assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"null")}
        mailbox.to(ADA, RESET)  # sent after the other one was looked at
        assert not [path for path in mailbox.folder.glob("*.eml") if b"eve@example.org" in path.read_bytes()]

    def test_an_account_opened_with_anothers_address_is_wholly_the_owners_after_a_reset(
        self, client: TestClient, mailbox: Mailbox
    ) -> None:
        register(client)  # by somebody who cannot read ada's mail
        squatter = bearer(log_in(client))
        secret = client.post("/v1/account/totp", json={"password": PASSWORD}, headers=squatter).json()["secret"]
        code = {"code": pyotp.TOTP(secret).now()}
        assert client.post("/v1/account/totp/confirmation", json=code, headers=squatter).status_code == 201
        client.post("/v1/accounts/forgotten-password", json={"email": ADA})
        token = mailbox.token(ADA, RESET)
        client.post("/v1/accounts/new-password", json={"token": token, "password": OTHER})
        assert client.get("/v1/account", headers=squatter).status_code == 401
        assert log_in(client, password=OTHER).status_code == 201  # and no code is asked for

    def test_a_change_needs_the_old_one_and_signs_out_the_others(self, client: TestClient, ada: dict[str, str]) -> None:
        other = bearer(log_in(client))
        body = {"current": OTHER, "password": "five lanterns on the pier"}
        assert_problem(client.put("/v1/account/password", json=body, headers=ada), 401, "wrong-credentials")
        body["current"] = PASSWORD
        assert client.put("/v1/account/password", json=body, headers=ada).status_code == 204
        assert client.get("/v1/account", headers=ada).status_code == 200
        assert client.get("/v1/account", headers=other).status_code == 401
        assert log_in(client, password=body["password"]).status_code == 201


class TestAddressChange:
    @pytest.mark.parametrize("first", ["old", "new"])
    def test_it_takes_both_links_in_any_order(
        self, client: TestClient, mailbox: Mailbox, ada: dict[str, str], first: str
    ) -> None:
        new = "ada@lovelace.example"
        body = {"email": new, "password": PASSWORD}
        assert client.post("/v1/account/address-change", json=body, headers=ada).status_code == 202
        links = {"old": mailbox.token(ADA, "Confirm the change"), "new": mailbox.token(new, "Confirm your new")}
        order = [first, *({"old", "new"} - {first})]
        path = "/v1/accounts/address-confirmation"
        answers = [client.post(path, json={"token": links[which]}) for which in order]
        assert [answer.json()["complete"] for answer in answers] == [False, True]
        assert client.get("/v1/account", headers=ada).json()["email"] == new
        assert log_in(client, new).status_code == 201
        assert log_in(client).status_code == 401
        assert mailbox.to(ADA, "was changed")
        assert register(client).status_code == 202  # the old address is free
        assert mailbox.token(ADA, VERIFY)

    def test_what_one_link_has_confirmed_counts_for_no_later_change(
        self, client: TestClient, mailbox: Mailbox, ada: dict[str, str]
    ) -> None:
        new, path = "ada@lovelace.example", "/v1/accounts/address-confirmation"
        body = {"email": new, "password": PASSWORD}
        for asked in (1, 2):
            client.post("/v1/account/address-change", json=body, headers=ada)
            old, other = mailbox.token(ADA, "Confirm the change"), mailbox.token(new, "Confirm your new")
            token = old if asked == 1 else other
            assert client.post(path, json={"token": token}).json() == {"complete": False}
        assert client.get("/v1/account", headers=ada).json()["email"] == ADA

    def test_an_address_that_is_taken_meanwhile_stays_its_owners(
        self, client: TestClient, mailbox: Mailbox, ada: dict[str, str]
    ) -> None:
        register(client, "eve@example.org", OTHER)
        body = {"email": "eve@example.org", "password": PASSWORD}
        assert client.post("/v1/account/address-change", json=body, headers=ada).status_code == 202
        path = "/v1/accounts/address-confirmation"
        client.post(path, json={"token": mailbox.token(ADA, "Confirm the change")})
        taken = client.post(path, json={"token": mailbox.token("eve@example.org", "Confirm your new")})
        assert_problem(taken, 409, "conflict")
        assert client.get("/v1/account", headers=ada).json()["email"] == ADA
        assert log_in(client, "eve@example.org", OTHER).status_code == 201


class TestSecondFactor:
    @pytest.fixture
    def totp(self, client: TestClient, ada: dict[str, str]) -> tuple[Callable[[int], str], list[str]]:
        """Codes by steps from now, of which none has been taken for log-in; and the recovery codes."""
        proposed = client.post("/v1/account/totp", json={"password": PASSWORD}, headers=ada).json()
        assert proposed["qr_svg"].startswith("<svg")
        app = pyotp.TOTP(proposed["secret"])
        assert log_in(client).status_code == 201  # nothing changes before it is confirmed
        before = {"code": app.at(time.time() - 30)}
        confirmed = client.post("/v1/account/totp/confirmation", json=before, headers=ada)
        assert confirmed.status_code == 201, confirmed.text
        return lambda steps: app.at(time.time() + 30 * steps), confirmed.json()["codes"]

    def test_log_in_asks_for_a_code_that_works_once(
        self, client: TestClient, totp: tuple[Callable[[int], str], list[str]]
    ) -> None:
        code, _ = totp
        assert_problem(log_in(client), 401, "second-factor-required")
        assert_problem(log_in(client, password=OTHER), 401, "wrong-credentials")
        good = code(0)
        assert log_in(client, code=good).status_code == 201
        assert_problem(log_in(client, code=good), 401, "wrong-code")
        assert log_in(client, code=code(1)).status_code == 201
        assert_problem(log_in(client, code=code(0)), 401, "wrong-code")  # older than one that was taken

    def test_a_code_taken_by_five_at_once_lets_one_in(
        self, client: TestClient, totp: tuple[Callable[[int], str], list[str]]
    ) -> None:
        code = totp[0](0)
        with ThreadPoolExecutor(5) as pool:
            answers = list(pool.map(lambda _: log_in(client, code=code), range(5)))
        assert sorted(answer.status_code for answer in answers).count(201) == 1

    def test_a_recovery_code_works_once_however_it_is_typed(
        self, client: TestClient, ada: dict[str, str], totp: tuple[Callable[[int], str], list[str]]
    ) -> None:
        first = totp[1][0]
        assert len(set(totp[1])) == 10
        assert log_in(client, code=first.upper().replace("-", " ")).status_code == 201
        assert_problem(log_in(client, code=first), 401, "wrong-code")
        assert client.get("/v1/account", headers=ada).json()["recovery_codes_left"] == 9
        assert "recovery-code-used" in kinds(client, ada)

    def test_it_is_removed_by_the_password(
        self,
        client: TestClient,
        ada: dict[str, str],
        totp: tuple[Callable[[int], str], list[str]],
        mailbox: Mailbox,
    ) -> None:
        wrong = client.post("/v1/account/totp/removal", json={"password": OTHER}, headers=ada)
        assert_problem(wrong, 401, "wrong-credentials")
        assert_problem(client.post("/v1/account/totp", json={"password": PASSWORD}, headers=ada), 409, "conflict")
        assert client.post("/v1/account/totp/removal", json={"password": PASSWORD}, headers=ada).status_code == 204
        assert log_in(client).status_code == 201
        for told in ("Sign-in now asks for a code", "Sign-in asks for no code"):
            mailbox.to(ADA, told)


class TestDemoMail:
    def test_the_demo_shows_its_mail(self, client: TestClient, mailbox: Mailbox, ada: dict[str, str]) -> None:
        page = client.get("/demo/mail")
        assert page.headers["content-type"].startswith("text/html")
        name = page.text.split("/demo/mail/")[1].split('"')[0]
        assert "Confirm your e-mail" in client.get(f"/demo/mail/{name}").text

    def test_no_other_installation_does(
        self, client: TestClient, ada: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MARQUEE_SMTP_URL", "smtp://127.0.0.1:1")
        settings.cache_clear()
        assert client.get("/demo/mail").status_code == 404
        assert client.get("/demo/mail/" + "0" * 20).status_code == 404
