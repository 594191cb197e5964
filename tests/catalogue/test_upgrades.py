"""An upgrade without a pause: code of before runs on the schema of now, and no migration stops requests.

The rule is that of expand and contract (CONTRIBUTING.md). Breaking and locking statements are found by Squawk.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from packaging.version import Version
from sqlalchemy import Engine, event

from marquee.catalogue.database import MIGRATIONS

ROOT = Path(__file__).parents[2]
SQUAWK = Path(sys.executable).parent / "squawk"
BEFORE_THE_RULE = {f"{number:04}" for number in range(1, 22)}
# What code of before stumbles over: allowed to a migration that says since which release no code uses it (CONTRACT).
BREAKING = {
    "adding-not-nullable-field",
    "adding-required-field",
    "ban-drop-column",
    "ban-drop-table",
    "changing-column-type",
    "renaming-column",
    "renaming-table",
}
# What makes requests wait for as long as a table is long: allowed where LOCKS says why these tables are short.
LOCKING = {
    "adding-field-with-default",
    "adding-foreign-key-constraint",
    "constraint-missing-not-valid",
    "disallowed-unique-constraint",
    "require-concurrent-index-creation",
    "require-concurrent-index-deletion",
}
# Of the code of before: what the catalogue answers, and how members play. That its models are the schema is over.
OLD_TESTS = ("tests/catalogue/test_catalogue.py", "tests/api/test_playback.py")
AGREE = "tests/catalogue/test_catalogue.py::test_the_models_and_the_migrations_agree"
PLUGIN = """
import os, subprocess, sys
from marquee.catalogue import database

def migrate(url=None):
    code = "import sys; from marquee.catalogue.database import migrate; migrate(sys.argv[1])"
    environment = {**os.environ, "PYTHONPATH": os.environ["NEW_CODE"]}
    subprocess.run([sys.executable, "-c", code, url], cwd=os.environ["NEW_CODE"], env=environment, check=True)

database.migrate = migrate
"""


@contextmanager
def database(postgres_url: str, name: str) -> Iterator[Config]:
    """Alembic's configuration for an empty database of its own."""
    with psycopg.connect(f"{postgres_url}/postgres", autocommit=True) as server:
        server.execute(f"create database {name}".encode())
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        address = f"{postgres_url.replace('postgresql://', 'postgresql+psycopg://')}/{name}"
        config.set_main_option("sqlalchemy.url", address)
        yield config
        server.execute(f"drop database {name}".encode())


@contextmanager
def overheard() -> Iterator[list[str]]:
    """The statements that anybody sends meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def faults(statements: list[str], path: Path) -> set[str]:
    """The rules of Squawk that statements break."""
    path.write_text("".join(f"{each};\n" for each in statements))
    argv = [str(SQUAWK), "--reporter", "json", "--assume-in-transaction", "--pg-version", "18.0", str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return {found["rule_name"] for found in json.loads(done.stdout)}


def problems(script: Script, found: set[str]) -> list[str]:
    """What a migration does beyond what it may, in words."""
    contract, locks = (getattr(script.module, name, "") for name in ("CONTRACT", "LOCKS"))
    told = []
    if found & BREAKING and not contract:
        told.append(f"code of before stumbles over it: {', '.join(sorted(found & BREAKING))}; see CONTRIBUTING.md")
    if contract and Version(contract) >= Version(version()):
        told.append(f"CONTRACT names {contract}, which is no release before {version()}")
    if found & LOCKING and not locks:
        told.append(f"requests wait for it: {', '.join(sorted(found & LOCKING))}; see CONTRIBUTING.md")
    return told


def version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def test_no_migration_breaks_code_of_before_or_stops_requests(postgres_url: str, tmp_path: Path) -> None:
    wrong = {}
    with database(postgres_url, "expanded") as config:
        for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions())):
            with overheard() as statements:
                command.upgrade(config, script.revision)
            if script.revision not in BEFORE_THE_RULE:
                wrong[script.revision] = problems(script, faults(statements, tmp_path / "migration.sql"))
    assert {revision: told for revision, told in wrong.items() if told} == {}


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("alter table titles drop column year", "ban-drop-column"),
        ("alter table titles rename column year to released", "renaming-column"),
        ("alter table titles add column mood text not null", "adding-required-field"),
        ("create index ix_titles_year on titles (year)", "require-concurrent-index-creation"),
        ("alter table titles alter column year set not null", "adding-not-nullable-field"),
    ],
)
def test_what_is_looked_for_is_found(statement: str, rule: str, tmp_path: Path) -> None:
    found = faults([statement], tmp_path / "migration.sql")
    assert rule in found & (BREAKING | LOCKING)


@pytest.mark.parametrize(
    "statement",
    [
        "create table moods (id bigint primary key, name text not null); create index ix_moods_name on moods (name)",
        "alter table titles add column mood text",
        "alter table titles add column mood text default '' not null",
        "create index concurrently ix_titles_year on titles (year)",
    ],
)
def test_what_only_adds_is_let_through(statement: str, tmp_path: Path) -> None:
    assert faults([statement], tmp_path / "migration.sql") & (BREAKING | LOCKING) == set()


def test_two_who_migrate_at_once_come_to_one_schema(postgres_url: str) -> None:
    with database(postgres_url, "twice") as config:
        code = "import sys; from marquee.catalogue.database import migrate; migrate(sys.argv[1])"
        argv = [sys.executable, "-c", code, str(config.get_main_option("sqlalchemy.url"))]
        both = [subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
        said = [each.communicate(timeout=60)[1] for each in both]
        assert [each.returncode for each in both] == [0, 0], said
        command.check(config)


def before_the_newest_migration() -> str:
    """The commit before the one with which the newest migration came. Skips without a history."""
    folder = str(MIGRATIONS.relative_to(ROOT) / "versions")
    argv = ["git", "log", "-1", "--first-parent", "--diff-filter=A", "--format=%H", "--", folder]
    found = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    argv = ["git", "rev-parse", "--verify", "--quiet", f"{found}^"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    if not found or done.returncode:
        pytest.skip("no history of the repository to take earlier code from")
    return done.stdout.strip()


@pytest.fixture
def old_code(tmp_path: Path) -> Path:
    """A folder with the code of before, whose tests migrate to the schema of now."""
    commit = before_the_newest_migration()
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    folder = tmp_path / "old"
    folder.mkdir()
    subprocess.run(["tar", "--extract"], cwd=folder, input=archive, check=True)
    (folder / "newer_schema.py").write_text(PLUGIN)
    return folder


def test_code_of_before_the_newest_migration_runs_on_the_schema_of_now(old_code: Path) -> None:
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "newer_schema", "-p", "no:cacheprovider", "--deselect", AGREE]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MARQUEE_", "PYTEST_"))}
    environment |= {"PYTHONPATH": str(old_code), "NEW_CODE": str(ROOT)}
    done = subprocess.run([*argv, *OLD_TESTS], cwd=old_code, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert int(re.findall(r"(\d+) passed", done.stdout)[-1]) > 20
