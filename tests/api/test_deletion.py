"""Deletion of accounts: grace, taking back, and that nothing is left that names the member."""

import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update
from starlette.testclient import TestClient

from marquee.catalogue import accounts
from marquee.catalogue.database import begin
from marquee.catalogue.models import AccountRow
from marquee.contracts.members import Role
from marquee.members import staff
from marquee.members.accounts import deletion
from marquee.personal import making
from marquee.settings import settings
from tests.api.conftest import Publish, assert_problem, bearer
from tests.plugin_mail import Mailbox

ADA, PASSWORD = "ada@example.org", "lantern over quiet water"


@pytest.fixture
def ada(guest: TestClient, mailbox: Mailbox) -> dict[str, str]:
    """The header of a member without profiles."""
    staff.create(ADA, PASSWORD, Role.MEMBER, by="test")
    return sign_in(guest)


def sign_in(client: TestClient) -> dict[str, str]:
    answer = client.post("/v1/sign-in", json={"email": ADA, "password": PASSWORD, "keep": "body"})
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def ask(client: TestClient, headers: dict[str, str], password: str = PASSWORD) -> Any:
    return client.post("/v1/account/deletion", json={"password": password}, headers=headers)


def days_pass(count: int) -> None:
    with begin() as session:
        session.execute(update(AccountRow).values(delete_at=AccountRow.delete_at - timedelta(days=count)))


def named(*needles: str) -> dict[str, list[str]]:
    """The tables of the catalogue in which a row holds one of these, with the rows."""
    with begin() as session:
        tables = session.scalars(
            text(
                "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
            )
        ).all()
        held = {table: session.execute(text(f"select t::text from {table} t")).scalars().all() for table in tables}
    return {t: found for t, rows in held.items() if (found := [row for row in rows if any(n in row for n in needles)])}


def stored(*needles: str) -> list[str]:
    """The files of all stores, and those within their archives, whose name or content holds one of these."""
    home, held = settings().home, []
    for path in (path for path in home.rglob("*") if path.is_file() and path.parent != home / "mail"):  # her mailbox
        content = {path.name: path.read_bytes()}
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                content |= {name: archive.read(name) for name in archive.namelist()}
        held += [
            path.name for name, inside in content.items() if any(n in name or n.encode() in inside for n in needles)
        ]
    return held


def test_the_password_is_asked_for_and_other_devices_are_signed_out(
    guest: TestClient,
    ada: dict[str, str],
    mailbox: Mailbox,
) -> None:
    elsewhere = sign_in(guest)
    assert_problem(ask(guest, ada, "another"), 401, "wrong-credentials")
    assert guest.get("/v1/account", headers=ada).json()["delete_at"] is None
    assert ask(guest, ada).status_code == 202
    assert guest.get("/v1/account", headers=ada).json()["delete_at"] is not None
    assert_problem(guest.get("/v1/account", headers=elsewhere), 401, "signed-out")
    mailbox.to(ADA, "Your account will be deleted")


def test_it_is_taken_back_while_there_is_time(guest: TestClient, ada: dict[str, str]) -> None:
    ask(guest, ada)
    days_pass(13)
    assert deletion.erase_due() == 0
    for _ in range(2):
        assert guest.delete("/v1/account/deletion", headers=ada).status_code == 204
    assert guest.get("/v1/account", headers=ada).json()["delete_at"] is None
    days_pass(30)
    assert deletion.erase_due() == 0
    kinds = [entry["kind"] for entry in guest.get("/v1/account/audit-trail", headers=ada).json()["items"]]
    assert kinds[:2] == ["deletion-taken-back", "deletion-asked"]


def test_after_that_nothing_names_the_member(
    guest: TestClient,
    ada: dict[str, str],
    mailbox: Mailbox,
    publish: Publish,
    tmp_path: Path,
) -> None:
    title_id = publish().title_id
    profile = guest.post("/v1/profiles", json={"name": "Ada L.", "picks": [title_id]}, headers=ada).json()
    whose = f"/v1/profiles/{profile['profile_id']}"
    token = guest.post(f"{whose}/choice", json={}, headers=ada).json()["access_token"]
    acting = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    guest.post("/v1/account/subscription/trial", json={"plan": "basic"}, headers=ada)
    grant = guest.post("/v1/playback-sessions", json={"title_id": title_id}, headers=acting).json()
    beat = f"/v1/playback-sessions/{grant['session_id']}/heartbeat"
    guest.post(beat, json={"position_ms": 100_000}, headers=bearer(grant))
    guest.patch(f"{whose}/opinions/{title_id}", json={"listed": True}, headers=acting)
    guest.post("/v1/visits", headers=acting)
    guest.post("/v1/accounts/forgotten-password", json={"email": ADA})
    guest.post("/v1/account/totp", json={"password": PASSWORD}, headers=ada)
    guest.post("/v1/account/export", json={"password": PASSWORD}, headers=ada)
    assert making.make_due() == 1
    mailbox.to(ADA, "Your data is ready")
    with begin() as session:
        found = accounts.by_address(session, ADA)
        assert found is not None
        account_id = str(found.id)
    needles = (ADA, "Ada L.", account_id, profile["profile_id"])
    assert len(named(*needles)) > 12  # so that what follows can fail
    assert len(stored(*needles)) > 1

    ask(guest, ada)
    days_pass(15)
    assert deletion.erase_due() == 1
    assert deletion.erase_due() == 0
    mailbox.to(ADA, "Your account is deleted")
    left = named(*needles)
    assert {*left} <= {"deleted_profiles", "mails"}  # the last message stands in the queue until it is sent
    assert stored(*needles) == []
    assert_problem(guest.get("/v1/account", headers=ada), 401, "signed-out")
    assert_problem(guest.post(beat, json={"position_ms": 1}, headers=bearer(grant)), 404, "not-found")
    answer = guest.post("/v1/sign-in", json={"email": ADA, "password": PASSWORD})
    assert_problem(answer, 401, "wrong-credentials")
    assert guest.post("/v1/accounts", json={"email": ADA, "password": PASSWORD}).status_code == 202


def test_staff_deletes_at_once(guest: TestClient, ada: dict[str, str]) -> None:
    staff.delete(ADA, by="support")
    assert not {*named(ADA)} - {"mails"}


def test_who_takes_it_back_while_it_is_carried_out_keeps_the_account(ada: dict[str, str], guest: TestClient) -> None:
    ask(guest, ada)
    days_pass(15)
    with begin() as session:
        account = accounts.by_address(session, ADA)
        assert account is not None
        due = accounts.due_for_deletion(session, 10)
        accounts.delete_at(session, account.id, None)
    assert [deletion.erase(account_id) for account_id in due] == [False]
    assert guest.get("/v1/account", headers=ada).status_code == 200
