"""A real PostgreSQL for the run, and a freshly migrated catalogue for every test that asks for one."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from marquee.catalogue import database
from marquee.embedded.ports import free
from marquee.embedded.postgres import EmbeddedPostgres
from marquee.settings import settings

FULL = """
    select oid::regclass::text from pg_class where relkind = 'r' and pg_relation_size(oid) > 0
    and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema') and relname <> 'alembic_version'
"""


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """`postgresql://…` of a server without a database, as MARQUEE_DATABASE_URL wants it.

    Not in pytest's own folder: the next run of pytest closes that to the server's account.
    """
    with TemporaryDirectory(prefix="marquee-tests-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres", free(1)[0], "password-of-the-tests", durable=False)
        server.prepare()
        server.start()
        yield server.url
        server.stop()


@pytest.fixture(scope="session")
def _migrated(postgres_url: str) -> str:
    """The server, with the catalogue's schema in its database."""
    with psycopg.connect(f"{postgres_url}/postgres", autocommit=True) as connection:
        connection.execute("create database marquee")
    database.migrate(f"{postgres_url.replace('postgresql://', 'postgresql+psycopg://')}/marquee")
    return postgres_url


@pytest.fixture
def catalogue(_migrated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty catalogue; `settings()` and `begin()` use it, and MARQUEE_HOME is a folder of the test's own."""
    with psycopg.connect(f"{_migrated}/marquee", autocommit=True) as connection:
        # A tenth of the time of truncating, which makes new files for every table and index that a key leads to.
        emptying = "; ".join(f"delete from {name}" for (name,) in connection.execute(FULL))
        connection.execute(f"set session_replication_role = replica; {emptying}".encode())  # no keys, so in any order
    monkeypatch.setenv("MARQUEE_DATABASE_URL", _migrated)
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield
    database.engine().dispose()
    monkeypatch.undo()
    settings.cache_clear()
