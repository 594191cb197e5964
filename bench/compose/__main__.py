"""Starts every service of docker-compose.yml, plays a film through them, stops them: `python -m bench.compose`."""

import argparse
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import figures
from bench.compose import playing, project
from bench.compose.file import FILE, interpolated, made_environment, needed
from bench.compose.images import image_of
from bench.compose.project import Line, Project
from bench.figures import Figure
from marquee.contracts.errors import MarqueeError

PATIENCE = 3.0


def main() -> int:
    """What was left undone is said in the end; 1 when anything was."""
    wanted = _arguments()
    if lacking := project.missing():
        sys.exit(f"these packages are missing: {', '.join(lacking)}")
    if os.geteuid() != 0:
        sys.exit("this makes namespaces and mounts, which needs root")
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
    lines = running.up(_say)
    faults = [line.name for line in lines if line.fault]
    values = [Figure("compose.up", time.monotonic() - begun, "s")]
    if film and not faults:
        try:
            values += _film(running, environment, folder)
        except (RuntimeError, MarqueeError) as error:
            faults.append(f"film: {error}")
            _say(f"the film was not played: {error}")
    killed = running.down(_say)
    _keep_logs(running)
    _say(f"in place of images: {_instead(lines, running)}")
    good = [line for line in lines if not line.fault]
    values += [Figure("compose.started", len(good), "services"), Figure("compose.killed", len(killed), "services")]
    figures.report("compose", values, {"services": [vars(line) for line in lines], "killed": killed})
    return bool(faults or killed)


def _film(running: Project, environment: dict[str, str], folder: Path) -> Sequence[Figure]:
    begun = time.monotonic()
    playing.carry(running, environment, folder, _say)
    carried = time.monotonic() - begun
    played = playing.play(running)
    _say(f"played {played.manifest} from {played.edge}: {played.bytes} bytes, {played.frames} frames decrypted")
    return Figure("compose.film", carried, "s"), Figure("compose.frames", played.frames, "frames")


def _keep_logs(running: Project) -> None:
    folder = figures.RESULTS / "compose"
    folder.mkdir(parents=True, exist_ok=True)
    for name, each in running.containers.items():
        shutil.copy(each.log, folder / f"{name}.log")


def _instead(lines: Sequence[Line], running: Project) -> str:
    images = {running.services[line.name]["image"] for line in lines}
    return "; ".join(f"{name}: {image_of(name).instead}" for name in sorted(images))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("services", nargs="*", help="these and what they depend on; all, and a film, by default")
    parser.add_argument("--no-film", action="store_true")
    parser.add_argument("--folder", type=Path, help="where volumes are kept meanwhile; the system's own by default")
    parser.add_argument("--patience", type=float, default=PATIENCE, help="times what the file's health checks allow")
    return parser.parse_args()


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
