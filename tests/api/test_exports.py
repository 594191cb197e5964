"""A member's own copy: asked for with the password, told of by e-mail, fetched by that link as that member."""

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from marquee.catalogue import accounts, exports
from marquee.catalogue.database import begin
from marquee.catalogue.models import ExportRow, OneTimeLink
from marquee.contracts.lake import HISTORY
from marquee.contracts.members import Caller, LinkPurpose, Role
from marquee.members import staff
from marquee.members.errors import ExportUnderWay
from marquee.members.exports import asking, fetching, files, upkeep
from marquee.members.sign_in.devices import member_of
from marquee.personal import making
from marquee.viewing import lake
from tests.api.conftest import assert_problem
from tests.plugin_mail import Mailbox, text_of

ADA, BEN, PASSWORD = "ada@example.org", "ben@example.org", "lantern over quiet water"
EXPORT, READY = "/v1/account/export", "Your data is ready"
Headers = dict[str, str]


def signed_in(client: TestClient, email: str) -> Headers:
    """The header of a member with a profile that has watched something."""
    staff.create(email, PASSWORD, Role.MEMBER, by="test")
    return sign_in(client, email)


def sign_in(client: TestClient, email: str) -> Headers:
    answer = client.post("/v1/sign-in", json={"email": email, "password": PASSWORD, "keep": "body"})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
def ada(guest: TestClient, mailbox: Mailbox) -> Headers:
    return signed_in(guest, ADA)


@pytest.fixture
def ben(guest: TestClient, mailbox: Mailbox) -> Headers:
    return signed_in(guest, BEN)


def ask(client: TestClient, headers: Headers, password: str = PASSWORD) -> Any:
    return client.post(EXPORT, json={"password": password}, headers=headers)


def exchange(client: TestClient, headers: Headers, token: str) -> Any:
    return client.post(f"{EXPORT}/ticket", json={"token": token}, headers=headers)


def fetch(client: TestClient, ticket: str) -> Any:
    return client.post(f"{EXPORT}/file", data={"ticket": ticket})


def state(client: TestClient, headers: Headers) -> str | None:
    return str(client.get(EXPORT, headers=headers).json()["state"])


def kinds(client: TestClient, headers: Headers) -> list[str]:
    return [entry["kind"] for entry in client.get("/v1/account/audit-trail", headers=headers).json()["items"]]


def time_passes(by: timedelta) -> None:
    """As if copies were made, and their links sent, so much earlier."""
    earlier = {"asked_at": ExportRow.asked_at - by, "expires_at": ExportRow.expires_at - by}
    with begin() as session:
        session.execute(update(ExportRow).values(**earlier))
        session.execute(update(OneTimeLink).values(expires_at=OneTimeLink.expires_at - by))


def made(client: TestClient, headers: Headers, mailbox: Mailbox, email: str = ADA) -> str:
    """Ask, let the task run, and take the token of the message."""
    assert ask(client, headers).status_code == 202
    assert making.make_due() == 1
    return mailbox.token(email, READY)


def test_from_the_wish_to_the_archive(
    guest: TestClient, ada: Headers, ben: Headers, mailbox: Mailbox, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    ids = [guest.post("/v1/profiles", json={"name": name}, headers=whose).json()["profile_id"] for name, whose in
           (("Ada L.", ada), ("Benjamin", ben))]  # fmt: skip
    rows = [dict.fromkeys(HISTORY.columns) | {"profile_id": int(each)} for each in ids]
    lake.write(HISTORY, "a.parquet", rows, source="x")
    assert guest.get(EXPORT, headers=ada).json() == dict.fromkeys(
        ("state", "asked_at", "next_at", "size", "expires_at")
    )
    assert ask(guest, ada).status_code == 202
    assert state(guest, ada) == "asked"
    assert making.make_due() == 1
    message = mailbox.to(ADA, READY)
    found = guest.get(EXPORT, headers=ada).json()
    assert (found["state"], found["expires_at"][:10] in text_of(message)) == ("ready", True)
    token = text_of(message).split("/your-data#")[1].split()[0]
    answer = exchange(guest, ada, token)
    assert answer.status_code == 201
    ticket = answer.json()
    for _ in range(2):  # a download that breaks off is begun again
        archive = fetch(guest, ticket["ticket"])
        assert archive.status_code == 200
    assert archive.headers["content-type"] == "application/zip"
    assert archive.headers["content-disposition"] == f'attachment; filename="marquee-{found["asked_at"][:10]}.zip"'
    assert archive.headers["cache-control"] == "no-store"
    assert int(archive.headers["content-length"]) == len(archive.content) == ticket["size"] == found["size"]
    with zipfile.ZipFile(io.BytesIO(archive.content)) as content:
        held = {name: content.read(name).decode() for name in content.namelist()}
    assert [row["name"] for row in json.loads(held["account/profiles.json"])] == ["Ada L."]
    assert [row["profile_id"] for row in json.loads(held["viewing/history.json"])] == [int(ids[0])]
    everything = "".join(held.values())
    assert "$argon2" not in everything
    for other in (BEN, "Benjamin", ids[1]):
        assert other not in everything
    assert kinds(guest, ada)[:3] == ["export-fetched", "export-fetched", "export-asked"]
    logged = caplog.text + "".join(capfd.readouterr())
    assert EXPORT in logged
    for secret in (token, ticket["ticket"], ADA):
        assert secret not in logged


def test_the_password_is_asked_for(guest: TestClient, ada: Headers) -> None:
    assert_problem(ask(guest, ada, "another"), 401, "wrong-credentials")
    assert_problem(guest.post(EXPORT, json={"password": PASSWORD}), 401, "unauthorised")
    assert upkeep.waiting() == frozenset()


def test_one_at_a_time_and_one_a_day(guest: TestClient, ada: Headers, mailbox: Mailbox) -> None:
    token = made(guest, ada, mailbox)
    refused = ask(guest, ada)
    assert_problem(refused, 429, "export-too-soon")
    assert 86_000 < int(refused.headers["retry-after"]) <= 86_400
    time_passes(asking.PAUSE)
    assert ask(guest, ada).status_code == 202
    assert list(files.lying()) == []  # the file of the one before
    assert_problem(ask(guest, ada), 409, "export-under-way")
    assert_problem(exchange(guest, ada, token), 409, "export-under-way")
    assert making.make_due() == 1
    assert_problem(exchange(guest, ada, token), 410, "link-spent")
    assert exchange(guest, ada, mailbox.token(ADA, READY)).status_code == 201


def test_a_link_works_once_and_another_one_takes_its_place(guest: TestClient, ada: Headers, mailbox: Mailbox) -> None:
    first = made(guest, ada, mailbox)
    assert guest.post(f"{EXPORT}/message", headers=ada).status_code == 202
    second = mailbox.token(ADA, READY)
    assert_problem(exchange(guest, ada, first), 410, "link-spent")
    assert exchange(guest, ada, second).status_code == 201
    assert_problem(exchange(guest, ada, second), 410, "link-spent")
    assert_problem(exchange(guest, ada, "of nobody"), 410, "link-spent")


def test_what_has_expired_is_not_there(guest: TestClient, ada: Headers, mailbox: Mailbox) -> None:
    token = made(guest, ada, mailbox)
    ticket = exchange(guest, ada, token).json()["ticket"]
    time_passes(upkeep.LIFETIME)
    assert state(guest, ada) == "expired"
    assert_problem(fetch(guest, ticket), 410, "export-expired")
    assert_problem(exchange(guest, ada, token), 410, "export-expired")
    assert_problem(guest.post(f"{EXPORT}/message", headers=ada), 404, "not-found")
    assert ask(guest, ada).status_code == 202


def test_a_link_alone_opens_nothing_and_is_not_spent(
    guest: TestClient, ada: Headers, ben: Headers, mailbox: Mailbox
) -> None:
    token = made(guest, ada, mailbox)
    assert_problem(exchange(guest, {}, token), 401, "unauthorised")
    assert_problem(exchange(guest, ben, token), 403, "link-of-another")
    assert_problem(guest.post(f"{EXPORT}/message", headers=ben), 404, "not-found")
    assert ask(guest, ben).status_code == 202
    assert making.make_due() == 1
    assert_problem(exchange(guest, ben, token), 403, "link-of-another")
    assert exchange(guest, ada, token).status_code == 201


def test_a_ticket_ends_with_its_sign_in_and_with_its_minutes(
    guest: TestClient, ada: Headers, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = made(guest, ada, mailbox)
    access = ada["Authorization"].removeprefix("Bearer ")
    for wrong in ("x", access, token):
        assert_problem(fetch(guest, wrong), 401, "unauthorised")
    for form in ({}, {"ticket": ""}, {"ticket": ["a", "b"]}, {"ticket": "a", "more": "b"}):
        assert_problem(guest.post(f"{EXPORT}/file", data=form), 422, "invalid-input")
    with monkeypatch.context() as spent:
        spent.setattr(fetching, "TICKET", timedelta(seconds=-1))
        assert_problem(fetch(guest, exchange(guest, ada, token).json()["ticket"]), 401, "token-expired")
    guest.post(f"{EXPORT}/message", headers=ada)
    ticket = exchange(guest, ada, mailbox.token(ADA, READY)).json()["ticket"]
    assert fetch(guest, ticket).status_code == 200
    guest.post("/v1/sign-in/end", json={}, headers=ada)
    assert_problem(fetch(guest, ticket), 401, "signed-out")


def test_a_copy_whose_file_was_lost_is_told_as_such(guest: TestClient, ada: Headers, mailbox: Mailbox) -> None:
    ticket = exchange(guest, ada, made(guest, ada, mailbox)).json()["ticket"]
    files.store().delete(next(files.lying())[0])
    assert_problem(fetch(guest, ticket), 410, "export-expired")
    assert kinds(guest, ada)[0] == "export-asked"


def test_two_who_ask_at_once_get_one_copy(ada: Headers, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, both = exports.get, Barrier(2)

    def both_look(session: Any, account_id: int) -> Any:
        row = whole(session, account_id)
        with suppress(BrokenBarrierError):  # the second one does not come before the first has asked
            both.wait(0.5)
        return row

    def ask_once(_: int) -> str:
        try:
            asking.ask(member, PASSWORD, Caller("127.0.0.1"))
        except ExportUnderWay as error:
            return error.type
        return "asked"

    monkeypatch.setattr(exports, "get", both_look)
    member = member_of(ada["Authorization"].removeprefix("Bearer "))
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(ask_once, range(2))) == ["asked", "export-under-way"]


def test_links_are_kept_as_hashes(guest: TestClient, ada: Headers, mailbox: Mailbox) -> None:
    token = made(guest, ada, mailbox)
    with begin() as session:
        account = accounts.by_address(session, ADA)
        links = session.query(OneTimeLink).filter_by(purpose=LinkPurpose.EXPORT).all()
    assert account is not None
    assert [link.account_id for link in links] == [account.id]
    assert token not in str([vars(link) for link in links])
