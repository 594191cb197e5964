"""The contracts in .importlinter hold, and each of them bites."""

import os
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

CONTRACT = "importlinter:contract:"
BREAKS = {
    "wings": ("marquee/content/pipeline/stores.py", "import marquee.viewing.lake"),
    "stages": ("marquee/content/drm/keys.py", "import marquee.content.origin"),
    "members": ("marquee/members/mail/writing.py", "import marquee.members.sign_in.log_in"),
    "discovery": ("marquee/discovery/search/folding.py", "import marquee.discovery.misses"),
    "catalogue": ("marquee/viewing/insights/reading.py", "import marquee.catalogue"),
    "core": ("marquee/logs.py", "import fastapi"),
    "dags": ("dags/inbox_watch.py", "import marquee.content.pipeline.ingest"),
    "plugins": ("plugins/marquee_airflow/tasks.py", "import marquee.content.media"),
    "api": ("api/main.py", "import marquee.content.pipeline.ingest"),
    "spark_jobs": ("spark_jobs/__init__.py", "import marquee.catalogue"),
    "ml": ("ml/__init__.py", "import marquee.content.media"),
    "serving": ("ml/serving/__init__.py", "import mlflow"),
}


def rules(root: Path) -> ConfigParser:
    parser = ConfigParser()
    parser.read(root / ".importlinter")
    return parser


def roots(root: Path) -> list[str]:
    return rules(root)["importlinter"]["root_packages"].split()


def lint(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    program = Path(sys.executable).parent / "lint-imports"
    env = {**os.environ, "PYTHONPATH": str(folder)}
    argv = [str(program), "--no-cache", *arguments]
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def copy(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    for name in roots(root):
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        (
            folder / name / "__init__.py"
        ).touch()  # without it the installed checkout's folder would be joined to this one
    shutil.copy(root / ".importlinter", folder)
    return folder


def test_contracts_hold(root: Path) -> None:
    done = lint(root)
    assert done.returncode == 0, done.stdout


def test_every_folder_of_code_has_a_contract(root: Path) -> None:
    folders = {path.relative_to(root).parts[0] for path in root.glob("*/**/*.py") if path.parts[-3:-1] != ("web",)}
    code = folders & {"api", "dags", "marquee", "ml", "plugins", "spark_jobs"}
    assert set(roots(root)) == code


def test_every_contract_is_tried(root: Path) -> None:
    named = {section.removeprefix(CONTRACT) for section in rules(root).sections() if section.startswith(CONTRACT)}
    assert named == set(BREAKS)


@pytest.mark.parametrize("contract", BREAKS)
def test_a_broken_rule_is_seen(copy: Path, contract: str) -> None:
    name, statement = BREAKS[contract]
    file = copy / name
    before = file.read_text()
    file.write_text(f"{before}\n{statement}\n")
    try:
        done = lint(copy, "--contract", contract)
    finally:
        file.write_text(before)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "0 kept, 1 broken" in done.stdout


def test_the_command_line_begins_without_what_only_some_commands_need(root: Path) -> None:
    code = "import sys, marquee.cli; print(*{'sqlalchemy', 'numpy', 'pyarrow', 'jinja2', 'duckdb'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.split()) == (0, [])
