"""A platform without Airflow for the length of a bench: database, API, origin, shield and edges, and one film."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.stack import ROOT, TIMEOUT_S
from marquee.contracts.errors import Unavailable
from marquee.embedded import commands
from marquee.embedded.ports import free_for_settings
from marquee.embedded.supervisor import Supervisor
from marquee.settings import Settings
from marquee.settings.environment import as_environment
from marquee.tools.binaries import ffmpeg

EMAIL, PASSWORD = "viewer@example.org", "lantern over quiet water"
SERVICES = ("postgres", "mlflow", "api", "origin", "shield", "edge-a", "edge-b")
FILM_S = 150


@dataclass(frozen=True)
class Platform:
    """What runs, and the film's title."""

    settings: Settings
    title_id: str = ""

    @property
    def site(self) -> str:
        return f"http://localhost:{self.settings.port_api}"

    def marquee(self, *words: str) -> None:
        """Run `marquee …`. Raises Unavailable with what it said, when it fails."""
        argv = [sys.executable, "-m", "marquee.cli", *words]
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        if done.returncode:
            raise Unavailable(f"the command failed: {done.stdout}{done.stderr}", where=f"marquee {' '.join(words)}")

    @contextmanager
    def without(self, server: str) -> Iterator[None]:
        """A service is stopped and nobody starts it again, or the files of the first `replica` are gone."""
        if server == "replica":
            replica = Path(next(iter(self.settings.origins.values())).removeprefix("file://"))
            replica.rename(replica.with_suffix(".gone"))
            yield
            replica.with_suffix(".gone").rename(replica)
            return
        Supervisor(self.settings).stop([server])
        yield
        commands.up(self.settings, _silent, migrate=lambda: None, only=SERVICES)


@contextmanager
def running() -> Iterator[Platform]:
    """Up at the start with a member who has a plan and a published film; down at the end whatever happens."""
    with TemporaryDirectory(prefix="marquee-bench-") as home:
        values = free_for_settings() | {"home": home}
        settings = Settings(_env_file=None, **values)  # type: ignore[arg-type]
        os.environ.update(as_environment(values))  # which its servers and commands inherit
        platform = Platform(settings)
        try:
            commands.up(settings, _silent, migrate=lambda: platform.marquee("migrate"), only=SERVICES)
            _prepare(platform)
            (title,) = httpx.get(f"{platform.site}/v1/titles").json()["items"]
            yield Platform(settings, title["title_id"])
        finally:
            commands.down(settings, say=_silent)


def _prepare(platform: Platform) -> None:
    platform.marquee("member", "create", EMAIL, "--password", PASSWORD)
    platform.marquee("member", "plan", EMAIL, "premium")
    with TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        picture = f"testsrc2=size=640x360:rate=24:duration={FILM_S}"
        sources = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine=frequency=330:duration={FILM_S}"]
        coded = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-shortest", str(film)]
        subprocess.run([ffmpeg(), "-v", "error", *sources, *coded], check=True)
        platform.marquee("deliver", str(film), "--title", "Film", "--slug", "film")
    platform.marquee("run", "film", "--ladder", "preview")


def _silent(_: str) -> None:
    """For what need not be said."""
