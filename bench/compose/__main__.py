"""Starts every service of docker-compose.yml, plays a film through them, stops them: `python -m bench.compose`."""

import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench import figures
from bench.compose import playing, project
from bench.compose.command import arguments, keep_logs, say
from bench.compose.file import FILE, interpolated, made_environment, needed
from bench.compose.images import image_of
from bench.compose.project import Line, Project
from bench.figures import Figure
from marquee.contracts.errors import MarqueeError


def main() -> int:
    """What was left undone is said in the end; 1 when anything was."""
    wanted = arguments(__doc__, "services", "the file's health checks")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # everything that runs is ended first
    environment = made_environment()
    compose = interpolated(FILE.read_text(), environment)
    services = needed(compose["services"], tuple(wanted.services))
    with TemporaryDirectory(prefix="marquee-compose-", dir=wanted.folder) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with project.running(compose, services, folder, patience=wanted.patience) as running:
            return _rehearse(running, environment, folder, film=not (wanted.no_film or wanted.services))


def _rehearse(running: Project, environment: dict[str, str], folder: Path, *, film: bool) -> int:
    begun = time.monotonic()
    lines = running.up(say)
    faults = [line.name for line in lines if line.fault]
    values = [Figure("compose.up", time.monotonic() - begun, "s")]
    if film and not faults:
        try:
            values += _film(running, environment, folder)
        except (RuntimeError, MarqueeError, httpx.HTTPError) as error:
            faults.append(f"film: {error}")
            say(f"the film was not played: {error}")
    killed = running.down(say)
    keep_logs(running, "compose")
    say(f"in place of images: {_instead(lines, running)}")
    good = [line for line in lines if not line.fault]
    values += [Figure("compose.started", len(good), "services"), Figure("compose.killed", len(killed), "services")]
    figures.report("compose", values, {"services": [vars(line) for line in lines], "killed": killed})
    return bool(faults or killed)


def _film(running: Project, environment: dict[str, str], folder: Path) -> Sequence[Figure]:
    begun = time.monotonic()
    playing.carry(running, environment, folder, say)
    carried = time.monotonic() - begun
    played = playing.play(running)
    say(f"played {played.manifest} from {played.edge}: {played.bytes} bytes, {played.frames} frames decrypted")
    return Figure("compose.film", carried, "s"), Figure("compose.frames", played.frames, "frames")


def _instead(lines: Sequence[Line], running: Project) -> str:
    images = {running.services[line.name]["image"] for line in lines}
    return "; ".join(f"{name}: {image_of(name).instead}" for name in sorted(images))


if __name__ == "__main__":
    sys.exit(main())
