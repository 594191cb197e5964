"""The sandbox's database: documents, events, idempotency keys, customers' clocks and switches."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine

from marquee.catalogue import database
from marquee.settings import settings

Doc = dict[str, Any]

ADVISORY_LOCK = 817_263_540  # any number: processes that start at the same time make the tables one after the other
SCHEMA = (
    """create table if not exists objects (
        id text primary key, kind text not null, customer text not null, created bigint not null,
        seq bigserial not null, body jsonb not null)""",
    "create index if not exists objects_customer on objects (customer)",
    "create index if not exists objects_kind on objects (kind, seq)",
    # The customer's time is the real one plus ahead_s, or stands still at frozen_at; due_at is in the customer's time.
    """create table if not exists customers (
        id text primary key, ahead_s bigint not null default 0, frozen_at bigint, due_at bigint)""",
    "create index if not exists customers_due on customers ((due_at - ahead_s)) where frozen_at is null",
    """create table if not exists events (
        id text primary key, seq bigserial not null, customer text not null, type text not null, body jsonb not null,
        state text not null, turn bigint not null default 0, times integer not null default 1,
        attempts integer not null default 0, next_at double precision not null, answer text not null default '')""",
    "create index if not exists events_pending on events (turn, seq) where state = 'pending'",
    "create index if not exists events_customer on events (customer, seq)",
    "create index if not exists events_order on events (seq)",
    """create table if not exists idempotency_keys (
        key text primary key, fingerprint text not null, status integer, body text,
        created timestamptz not null default now())""",
    "create table if not exists switches (name text primary key, value text not null)",
)


def engine() -> Engine:
    """The process's connections to the sandbox's database."""
    return database.engine(settings().database("billing"))


@contextmanager
def begin() -> Iterator[Connection]:
    """One transaction: committed when the block ends, rolled back when it raises."""
    with engine().begin() as connection:
        yield connection


def rows(connection: Connection, statement: str, *values: Any) -> list[Any]:
    """The rows for a statement with %s placeholders."""
    return list(connection.exec_driver_sql(statement, values))


def run(connection: Connection, statement: str, *values: Any) -> None:
    """Carry out a statement that gives no rows."""
    connection.exec_driver_sql(statement, values)


def make_tables() -> None:
    """Create what is missing."""
    with begin() as connection:
        run(connection, "select pg_advisory_xact_lock(%s)", ADVISORY_LOCK)
        for statement in SCHEMA:
            run(connection, statement)


def switch(connection: Connection, name: str, default: str) -> str:
    """The position of one of the driver's switches."""
    found = rows(connection, "select value from switches where name = %s", name)
    return str(found[0][0]) if found else default


def set_switch(connection: Connection, name: str, value: str) -> None:
    statement = "insert into switches values (%s, %s) on conflict (name) do update set value = excluded.value"
    run(connection, statement, name, value)
