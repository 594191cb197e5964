"""Migrations keep what there is, on the way up and on the way down."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from alembic.config import Config

from marquee.catalogue.database import MIGRATIONS, engine, migrate
from marquee.contracts.errors import Conflict

OLD = """
    insert into titles (id, slug, kind, original_language, year, maturity_rating, countries, fingerprint, state,
                        created_at, updated_at)
    values (1, 'a-film', 'film', 'en', 2020, 'all', '[]', 'f', 'draft', now(), now());
    insert into releases (id, title_id, plan, fingerprint, state, created_at)
    values (2, 1, 'p', 'f', 'packaged', now());
    insert into profiles (id, name, languages, kids, origin, traits, created_at) values
        (10, 'Demo viewer', '["en"]', false, 'demo', '[]', now()),
        (11, 'Ada', '["de"]', true, 'account', '["world=x"]', now());
    insert into profile_picks values (11, 1);
    insert into progress (profile_id, title_id, position_ms) values (10, 1, 1000), (11, 1, 2000);
    insert into playback_sessions (id, profile_id, title_id, release_id, started_at, expires_at, seen_at)
    values (20, 11, 1, 2, now(), now(), now());
    insert into visits (id, profile_id, device, country, isp, started_at) values (30, 10, 'tv', 'NZ', 'x', now());
"""
KEPT = {
    "profiles": "id, name, languages, kids, origin, traits, created_at",
    "profile_picks": "profile_id, title_id",
    "progress": "profile_id, title_id, position_ms, updated_at",
    "playback_sessions": "id, profile_id, title_id, release_id, started_at, expires_at, ended_at",
    "visits": "id, profile_id, device, country, isp, started_at",
}


@pytest.fixture
def database(postgres_url: str) -> Iterator[tuple[psycopg.Connection, Config]]:
    """An empty database of its own, and Alembic's configuration for it."""
    with psycopg.connect(f"{postgres_url}/postgres", autocommit=True) as server:
        server.execute("create database migrated")
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option(
            "sqlalchemy.url", f"{postgres_url.replace('postgresql://', 'postgresql+psycopg://')}/migrated"
        )
        with psycopg.connect(f"{postgres_url}/migrated", autocommit=True) as connection:
            yield connection, config
        engine(config.get_main_option("sqlalchemy.url")).dispose()
        server.execute("drop database migrated")


def rows(connection: psycopg.Connection) -> dict[str, list[tuple[object, ...]]]:
    return {
        table: connection.execute(f"select {columns} from {table} order by 1, 2".encode()).fetchall()
        for table, columns in KEPT.items()
    }


def test_profiles_become_accounts_of_one_and_back(database: tuple[psycopg.Connection, Config]) -> None:
    connection, config = database
    command.upgrade(config, "0004")
    connection.execute(OLD)
    before = rows(connection)
    assert all(before.values())
    command.upgrade(config, "head")
    assert rows(connection) == before
    owners = connection.execute("select account_id, id, origin from profiles order by id").fetchall()
    assert owners == connection.execute("select id, id, origin from accounts order by id").fetchall()
    for table in ("profile_picks", "progress", "playback_sessions", "visits"):
        strangers = f"select 1 from {table} where account_id <> profile_id"
        assert connection.execute(strangers.encode()).fetchall() == []
    command.downgrade(config, "0004")
    assert rows(connection) == before
    command.upgrade(config, "head")
    assert rows(connection) == before
    connection.execute("delete from accounts where id = 11")
    assert connection.execute("select count(*) from progress").fetchone() == (1,)


def test_a_schema_of_a_later_version_is_refused_in_words(database: tuple[psycopg.Connection, Config]) -> None:
    connection, config = database
    command.upgrade(config, "head")
    connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(Conflict, match=r"newer than this version.*at most 00\d\d.*got 9999"):
        migrate(config.get_main_option("sqlalchemy.url"))
    assert connection.execute("select version_num from alembic_version").fetchone() == ("9999",)
