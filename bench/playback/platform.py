"""A platform without Airflow for the length of a bench: database, API, origin, shield and edges, and one film."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.stack import ROOT, TIMEOUT_S
from marquee.contracts.errors import Unavailable
from marquee.embedded import commands
from marquee.embedded.ports import free_for_settings
from marquee.embedded.supervisor import Supervisor
from marquee.settings import Settings, settings
from marquee.settings.environment import as_environment
from marquee.tools.binaries import ffmpeg

EMAIL, PASSWORD = "viewer@example.org", "lantern over quiet water"
SERVICES = ("postgres", "mlflow", "api", "origin", "shield", "edge-a", "edge-b")  # of which one may not be there
FILM_S = 150
PUBLISH_S = 3600


@dataclass(frozen=True)
class Platform:
    """What runs, and the film's title."""

    settings: Settings
    title_id: str = ""

    @property
    def site(self) -> str:
        return self.settings.api_url

    def marquee(self, *words: str, timeout_s: float = TIMEOUT_S) -> str:
        """Run `marquee …`; what it says. Raises Unavailable with that, when it fails."""
        argv = [sys.executable, "-m", "marquee.cli", *words]
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=timeout_s, check=False)
        if done.returncode:
            raise Unavailable(f"the command failed: {done.stdout}{done.stderr}", where=f"marquee {' '.join(words)}")
        return done.stdout

    def publish(self, film: Path, slug: str, *, ladder: str = "preview", scheme: str = "cbcs") -> str:
        """Carry a film to viewers; the title's id."""
        self.marquee("deliver", str(film), "--title", slug.title(), "--slug", slug)
        said = self.marquee("run", slug, "--ladder", ladder, "--scheme", scheme, timeout_s=PUBLISH_S)
        return str(re.findall(r"/watch/(\d+)", said)[-1])

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
    with TemporaryDirectory(prefix="marquee-bench-") as home, started(Path(home)) as platform:
        new_member(platform)
        film = a_film(Path(home) / "film.mp4", "640x360", FILM_S)
        yield Platform(platform.settings, platform.publish(film, "film"))


@contextmanager
def started(home: Path, *, edges: int = 2, tls: bool = False) -> Iterator[Platform]:
    """Up on free ports with what lies in a folder; down at the end."""
    values = free_for_settings() | {"home": home, "tls": tls}
    values["edges"] = dict(islice(dict(values["edges"]).items(), edges))  # type: ignore[call-overload]
    s = Settings(_env_file=None, **values)  # type: ignore[arg-type]
    os.environ.update(as_environment(values))  # which its servers and commands inherit
    settings.cache_clear()
    platform, names = Platform(s), (*SERVICES, *(("gateway",) if s.tls else ()))
    try:
        commands.up(s, _silent, migrate=lambda: _migrate(platform), only=names)
        yield platform
    finally:
        commands.down(s, say=_silent)


def _migrate(platform: Platform) -> None:
    platform.marquee("migrate")


def new_member(platform: Platform) -> None:
    """A member whose plan allows everything."""
    platform.marquee("member", "create", EMAIL, "--password", PASSWORD)
    platform.marquee("member", "plan", EMAIL, "premium")


def a_film(path: Path, size: str, seconds: float) -> Path:
    """A test picture with a tone."""
    picture = f"testsrc2=size={size}:rate=24:duration={seconds}"
    sources = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine=frequency=330:duration={seconds}"]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-shortest", str(path)]
    subprocess.run([ffmpeg(), "-v", "error", *sources, *coded], check=True)
    return path


def _silent(_: str) -> None:
    """For what need not be said."""
