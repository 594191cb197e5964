"""A throw-away platform on free ports, started and stopped by its own commands."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from marquee.contracts.errors import Unavailable
from marquee.embedded import airflow
from marquee.embedded.airflow_api import AirflowApi
from marquee.embedded.ports import free_for_settings
from marquee.settings import Settings
from marquee.settings.environment import as_environment

ROOT = Path(__file__).parents[1]
SETTLE_S = 3600  # the inbox watch leaves a folder without `.done` to us for so long
TIMEOUT_S = 400
UP = """
from marquee.catalogue.database import migrate
from marquee.embedded import commands
from marquee.embedded.services import services
from marquee.settings import settings
only = [service.name for service in services(settings()) if service.name not in {but}]
commands.up(settings(), print, migrate=migrate, only=only)
"""


@dataclass(frozen=True)
class Stack:
    """A running platform and the ways into it."""

    settings: Settings
    environment: dict[str, str]

    def marquee(self, *words: str) -> str:
        """Run `marquee …` as a person would; what it says. Raises Unavailable with that, when it fails."""
        return self.python("-m", "marquee.cli", *words)

    def python(self, *words: str) -> str:
        """Run Python with the platform's settings; what it says. Raises Unavailable with that, when it fails."""
        argv = [sys.executable, *words]
        done = subprocess.run(
            argv, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        if done.returncode:
            raise Unavailable(f"the command failed: {done.stdout}{done.stderr}", where=" ".join(words))
        return done.stdout

    def airflow(self) -> AirflowApi:
        url = f"http://127.0.0.1:{self.settings.port_airflow}"
        return AirflowApi(url, "admin", airflow.passwords(self.settings)["admin"])

    def deliver(self, slug: str, media: Path) -> None:
        """Put a delivery with the least of sidecars into the inbox."""
        folder = self.settings.inbox / slug
        folder.mkdir(parents=True)
        shutil.copyfile(media, folder / media.name)
        sidecar = {"title": slug.replace("-", " ").title(), "year": 2026, "media": media.name}
        (folder / "title.yaml").write_text(yaml.safe_dump(sidecar))


@contextmanager
def running(home: Path, *, but: Sequence[str] = (), **more: object) -> Iterator[Stack]:
    """A platform whose state lies in `home`: up at the start, down at the end whatever happens.

    Services called as in `but` are not started; `more` are settings.
    """
    values = free_for_settings() | {"delivery_settle_s": SETTLE_S} | more
    settings = Settings(_env_file=None, home=home, **values)  # type: ignore[arg-type]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MARQUEE_", "AIRFLOW"))}
    environment |= as_environment({"home": home, **values})
    stack = Stack(settings, environment)
    try:
        stack.python("-c", UP.format(but=list(but)))
        yield stack
    finally:
        stack.marquee("down")
