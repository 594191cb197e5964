"""Folders of logs stay within their size and age; what is youngest stays, and so do folders that tasks write into."""

import os
from pathlib import Path

from typer.testing import CliRunner

from marquee.cli import cli
from marquee.embedded.log_retention import EMPTY_FOR_S, MIB, Kept, of_machine, prune
from marquee.settings import Settings

NOW = 1_790_000_000.0
DAY_S = 86_400.0


def a_log(folder: Path, name: str, *, age_s: float, size: int = 1000) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.truncate(path, size)  # without its blocks: a gigabyte costs nothing
    os.utime(path, (NOW - age_s, NOW - age_s))
    return path


def test_what_is_too_old_goes(tmp_path: Path) -> None:
    old, young = a_log(tmp_path, "a/b/1.log", age_s=31 * DAY_S), a_log(tmp_path, "a/2.log", age_s=DAY_S)
    gone = prune(Kept(tmp_path, 100, 30), NOW)
    assert (gone.files, gone.bytes) == (1, 1000)
    assert not old.exists()
    assert young.exists()


def test_of_too_much_the_oldest_go(tmp_path: Path) -> None:
    paths = [a_log(tmp_path, f"{n}.log", age_s=n, size=10 * MIB) for n in range(10)]
    prune(Kept(tmp_path, 35, 30), NOW)
    assert [path.exists() for path in paths] == [True] * 3 + [False] * 7


def test_the_youngest_always_stays(tmp_path: Path) -> None:
    path = a_log(tmp_path, "huge.log", age_s=90 * DAY_S, size=500 * MIB)
    prune(Kept(tmp_path, 10, 1), NOW)
    assert path.exists()


def test_folders_go_when_they_have_been_empty_for_a_while(tmp_path: Path) -> None:
    """Airflow makes a folder and then the file in it."""
    empty, fresh = tmp_path / "run/task", tmp_path / "new"
    empty.mkdir(parents=True)
    fresh.mkdir()
    for folder in (empty, empty.parent):
        os.utime(folder, (NOW - EMPTY_FOR_S - 1,) * 2)
    os.utime(fresh, (NOW, NOW))
    prune(Kept(tmp_path, 10, 1), NOW)
    assert not empty.exists()
    assert fresh.exists()


def test_the_command_knows_this_machines_folders(tmp_path: Path) -> None:
    s = Settings(_env_file=None, home=tmp_path)
    assert of_machine(s) == (Kept(tmp_path / "logs/airflow", s.log_mb, s.log_days),)
    for n in range(3):
        a_log(tmp_path / "given", f"{n}.log", age_s=n + DAY_S * 40)
    done = CliRunner().invoke(cli, ["prune-logs", str(tmp_path / "given")])
    assert done.exit_code == 0
    assert len(list((tmp_path / "given").iterdir())) == 1
