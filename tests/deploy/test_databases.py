"""The scripts that make the databases and Airflow ready, run against a real PostgreSQL."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from marquee.embedded.ports import free
from marquee.embedded.postgres import EmbeddedPostgres

Services = dict[str, dict[str, Any]]
HARD_PASSWORD = 'it\'s a "password" with $signs \\ and spaces'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    postgres = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), free(1)[0], "superuser", durable=False)
    postgres.prepare()
    postgres.start()
    yield postgres
    postgres.stop()


def script(root: Path, name: str, env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["sh", str(root / "deploy/docker" / name)],
        cwd=root,
        env={**os.environ, "PATH": path, **env},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def databases(server: EmbeddedPostgres, root: Path) -> EmbeddedPostgres:
    programs = server.command()[0].rpartition("/")[0]
    env = {"PATH": f"{programs}:{os.environ['PATH']}", "PGHOST": "127.0.0.1", "PGPORT": str(server.port)}
    env |= {"POSTGRES_USER": "postgres", "PGPASSWORD": "superuser", "DATABASE_PASSWORD": HARD_PASSWORD}
    with psycopg.connect(f"{server.url}/postgres", autocommit=True) as connection:  # the image's names for both
        connection.execute("CREATE ROLE postgres SUPERUSER LOGIN PASSWORD 'superuser'")
    with psycopg.connect(f"{server.url.replace('marquee', 'postgres', 1)}/postgres", autocommit=True) as connection:
        connection.execute("ALTER ROLE marquee RENAME TO first")
    done = script(root, "databases.sh", env)
    assert done.returncode == 0, done.stderr
    return server


def test_databases_belong_to_a_role_without_rights(databases: EmbeddedPostgres) -> None:
    for name in ("marquee", "airflow", "mlflow"):
        where = {"host": "127.0.0.1", "port": databases.port, "user": "marquee", "dbname": name}
        with psycopg.connect(**where, password=HARD_PASSWORD) as connection:
            connection.execute("CREATE TABLE mine (id int)")
            roles = connection.execute(
                "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = %s", ["marquee"]
            )
            assert roles.fetchone() == (False, False, False)
            connection.rollback()


@pytest.mark.slow
def test_airflow_is_made_ready_and_takes_a_new_password(
    databases: EmbeddedPostgres, services: Services, root: Path, tmp_path: Path
) -> None:
    """The first start, an upgrade, and a changed password: the init script runs again each time."""
    with psycopg.connect(
        host="127.0.0.1", port=databases.port, user="first", password="superuser", dbname="postgres"
    ) as c:
        c.execute("ALTER ROLE marquee PASSWORD 'plain'")
    address = f"marquee:plain@127.0.0.1:{databases.port}"
    env = {k: str(v) for k, v in services["airflow-init"]["environment"].items()}
    env |= {
        "MARQUEE_DATABASE_URL": f"postgresql://{address}",
        "MARQUEE_HOME": str(tmp_path),
        "AIRFLOW_HOME": str(tmp_path),
    }
    env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = f"postgresql+psycopg2://{address}/airflow"
    env |= {"TRANSCODE_WORKERS": "3", "MARQUEE_TRANSCODE_SLOTS": "2"}
    hashes = set()
    for password in ("-begins-with-a-dash", "second"):
        done = script(root, "airflow-init.sh", {**env, "MARQUEE_AIRFLOW_PASSWORD": password})
        assert done.returncode == 0, done.stderr[-3000:]
        with psycopg.connect(f"postgresql://{address}/airflow") as connection:
            users = connection.execute("SELECT username, password FROM ab_user").fetchall()
            assert connection.execute("SELECT slots FROM slot_pool WHERE pool = 'transcode'").fetchone() == (6,)
        assert [name for name, _ in users] == ["admin"]
        hashes.add(users[0][1])
    assert len(hashes) == 2
    with psycopg.connect(f"postgresql://{address}/marquee") as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
