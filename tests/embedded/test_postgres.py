"""The embedded PostgreSQL on its own, as tests use it."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from marquee.embedded.postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
def server(make_settings):
    with TemporaryDirectory(prefix="marquee-test-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg", make_settings().port_postgres, "a-password", durable=False)
        server.prepare()
        server.start()
        yield server
        server.stop()
        assert not server.answers()


def query(server, statement, database="postgres"):
    with psycopg.connect(f"{server.url}/{database}") as connection:
        return connection.execute(statement).fetchone()[0]


def test_it_speaks_unicode_and_utc_on_loopback_only(server):
    assert query(server, "show server_encoding") == "UTF8"
    assert query(server, "select upper('é')") == "É"
    assert query(server, "show timezone") == "UTC"
    assert query(server, "show listen_addresses") == "127.0.0.1"
    assert query(server, "show unix_socket_directories") == ""


def test_missing_databases_are_made_once(server):
    server.ensure_databases(["one", "two"])
    server.ensure_databases(["two", "three"])
    assert query(server, "select count(*) from pg_database where datname in ('one', 'two', 'three')") == 3


def test_preparing_again_keeps_what_is_there(server):
    server.ensure_databases(["kept"])
    server.prepare()
    assert query(server, "select 1", "kept") == 1


def test_a_cluster_that_was_half_made_is_made_anew(make_settings):
    with TemporaryDirectory(prefix="marquee-test-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg", make_settings().port_postgres, "a-password", durable=False)
        (server.folder / "new" / "base").mkdir(parents=True)
        server.prepare()
        assert (server.data / "PG_VERSION").read_text().strip() == "18"
        assert not (server.folder / "new").exists()
        shutil.rmtree(server.folder)
