"""The real API, killed in the middle of a sign-up or a deletion: the same request, asked again, does its whole work.

The work is stopped at a chosen place by a lock on a table that it writes; then all of the API's processes are killed at
once, while its transaction is open.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import update

from bench.api import server
from marquee.catalogue import accounts
from marquee.catalogue.database import begin
from marquee.catalogue.models import AccountRow
from marquee.contracts.members import Caller, Role
from marquee.members import staff
from marquee.members.sign_in.log_in import log_in
from marquee.settings import settings
from tests.plugin_mail import Mailbox

ADA, PASSWORD = "ada@example.org", "lantern over quiet water"
WAITING = "select count(*) from pg_locks where not granted and relation = %s::regclass"
Ask = Callable[[httpx.Client], Any]


@contextmanager
def locked(table: str) -> Iterator[Callable[[], None]]:
    """Nobody writes this table meanwhile; gives what waits until somebody wants to."""
    with psycopg.connect(f"{settings().database_url}/marquee") as holder:
        holder.execute(f"lock table {table} in share mode".encode())

        def wait() -> None:
            deadline = time.monotonic() + 60
            while holder.execute(WAITING, [table]).fetchall() == [(0,)]:
                assert time.monotonic() < deadline, f"nobody wants {table}"
                time.sleep(0.01)

        yield wait
        holder.rollback()


@contextmanager
def api() -> Iterator[tuple[server.Server, httpx.Client]]:
    with server.serving() as running, httpx.Client(base_url=f"http://127.0.0.1:{running.port}", timeout=60) as client:
        yield running, client


def unanswered(client: httpx.Client, ask: Ask) -> None:
    with pytest.raises(httpx.TransportError):
        ask(client)


def kill_at(table: str, ask: Ask | None) -> None:
    """Ask, and kill the API once the work has come to this table; without a request, once its upkeep has."""
    with locked(table) as wait, api() as (running, client):
        asking = Thread(target=unanswered, args=(client, ask)) if ask else None
        if asking:
            asking.start()
        wait()
        running.kill()
        if asking:
            asking.join()


def has_account() -> bool:
    with begin() as session:
        return accounts.by_address(session, ADA) is not None


def test_a_sign_up(catalogue: None, mailbox: Mailbox) -> None:
    def ask(client: httpx.Client) -> httpx.Response:
        return client.post("/v1/accounts", json={"email": ADA, "password": PASSWORD})

    kill_at("audit_entries", ask)
    assert not has_account()
    with api() as (_, client):
        assert ask(client).status_code == 202
        token = mailbox.token(ADA, "Confirm your e-mail")
        assert client.post("/v1/accounts/verification", json={"token": token}).status_code == 204
        assert client.post("/v1/sign-in", json={"email": ADA, "password": PASSWORD}).status_code == 201


def test_a_deletion_asked_for_and_carried_out(catalogue: None, mailbox: Mailbox) -> None:
    staff.create(ADA, PASSWORD, Role.MEMBER, by="test")
    headers = {"Authorization": f"Bearer {log_in(ADA, PASSWORD, None, Caller('192.0.2.1')).access_token}"}

    def ask(client: httpx.Client) -> httpx.Response:
        return client.post("/v1/account/deletion", json={"password": PASSWORD}, headers=headers)

    kill_at("audit_entries", ask)
    with api() as (_, client):
        assert client.get("/v1/account", headers=headers).json()["delete_at"] is None
        assert ask(client).status_code == 202
        mailbox.to(ADA, "Your account will be deleted")
    with begin() as session:  # the days of grace pass
        session.execute(update(AccountRow).values(delete_at=datetime.now(UTC)))
    kill_at("email_addresses", None)
    assert has_account()
    with api():
        mailbox.to(ADA, "Your account is deleted")
    assert not has_account()
