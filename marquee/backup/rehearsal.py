"""Rehearses a restore: the newest backup into a home of its own, and a title played from it; nothing is left behind."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from marquee.backup.playing import Played
from marquee.contracts.base import Contract
from marquee.contracts.errors import ToolFailed
from marquee.embedded import airflow, commands
from marquee.embedded.ports import free_for_settings
from marquee.settings import Settings
from marquee.settings.environment import as_environment

FOLDER = "rehearsal"
LEFT_OUT = ("MARQUEE_", "AIRFLOW")  # of the environment: the rehearsal knows nothing of this installation
TIMEOUT_S = 12 * 3600

Say = Callable[[str], None]


class Rehearsed(Contract):
    """What was restored and played, and how long each took in seconds."""

    restore_s: float
    play_s: float
    played: Played


def rehearse(s: Settings, url: str, say: Say) -> Rehearsed:
    """Restore the newest backup at a URL and play a title from it. Raises ToolFailed with what went wrong.

    It needs as much space below MARQUEE_HOME as the backup has files. Killed, the next run clears what it left.
    """
    with _home(s) as home:
        environment = _environment(s, home)
        began = time.monotonic()
        _run(["-m", "marquee.cli", "restore", "--from", url], environment, say)
        restored = time.monotonic()
        said = _run(["-m", "marquee.backup.playing"], environment, say)
        played = Played.model_validate_json(said[-1])
        return Rehearsed(restore_s=restored - began, play_s=time.monotonic() - restored, played=played)


@contextmanager
def _home(s: Settings) -> Iterator[Path]:
    """An empty home; cleared before and afterwards, servers too."""
    home = s.home / FOLDER
    _clear(home)
    try:
        yield home
    finally:
        _clear(home)


def _clear(home: Path) -> None:
    if home.exists():
        commands.down(Settings(_env_file=None, home=home), say=lambda _: None)
        shutil.rmtree(home)


def _environment(s: Settings, home: Path) -> dict[str, str]:
    """The settings of the rehearsal: all stores in its home, other ports, and the secrets from the backup."""
    values = {**free_for_settings(), "home": home}
    if s.backup_passphrase_file:
        values["backup_passphrase_file"] = s.backup_passphrase_file.resolve()
    if s.plans_file:
        values["plans_file"] = s.plans_file.resolve()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)}
    return kept | as_environment(values) | {"PYTHONPATH": str(airflow.ROOT), "MARQUEE_PROFILE": "demo"}


def _run(words: list[str], environment: dict[str, str], say: Say) -> list[str]:
    """The lines of a command's standard output; it is ended with this process."""
    argv = ["setpriv", "--pdeathsig", "TERM", sys.executable, *words]
    with subprocess.Popen(
        argv, env=environment, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        lines = []
        for line in process.stdout or ():
            lines.append(line.rstrip())
            say(lines[-1])
    if process.returncode:
        raise ToolFailed("the rehearsal failed", where=" ".join(words), got="\n".join(lines[-15:]))
    return lines
