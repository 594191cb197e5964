"""Starts every pod of the overlay `minimal`, plays a film through them, stops them: `python -m bench.kubernetes`."""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench import figures
from bench.compose import playing, project
from bench.compose.command import arguments, keep_logs, say
from bench.compose.container import Container
from bench.compose.file import needed
from bench.compose.project import Project
from bench.figures import Figure
from bench.kubernetes import translated, volumes
from bench.kubernetes.overlay import Overlay
from marquee.contracts.errors import MarqueeError


def main() -> int:
    """What was left undone is said in the end; 1 when anything was."""
    wanted = arguments(__doc__, "pods", "the probes")
    with TemporaryDirectory(prefix="marquee-kubernetes-", dir=wanted.folder) as name:
        folder = Path(name)
        folder.chmod(0o755)
        overlay = Overlay("minimal", folder)
        compose = translated.compose(overlay)
        services = needed(compose["services"], tuple(wanted.pods))
        volumes.make(folder, services, overlay.secrets["tls-authority"]["ca.crt"])
        with project.running(compose, services, folder, patience=wanted.patience) as running:
            return _rehearse(running, overlay, folder, film=not (wanted.no_film or wanted.pods))


def _rehearse(running: Project, overlay: Overlay, folder: Path, *, film: bool) -> int:
    begun = time.monotonic()
    lines = running.up(say)
    faults = [line.name for line in lines if line.fault]
    values = [Figure("kubernetes.up", time.monotonic() - begun, "s")]
    if film and not faults:
        try:
            playing.carry(running, overlay.passwords, folder, say)
            played = playing.play(running)
            say(f"played {played.manifest} from {played.edge}: {played.frames} frames decrypted")
            values.append(Figure("kubernetes.frames", played.frames, "frames"))
        except (RuntimeError, MarqueeError, httpx.HTTPError) as error:
            faults.append(f"film: {error}")
            say(f"the film was not played: {error}")
    faults += _probes(running)
    killed = running.down(say)
    keep_logs(running, "kubernetes")
    good = [line for line in lines if not line.fault]
    values += [Figure("kubernetes.started", len(good), "pods"), Figure("kubernetes.killed", len(killed), "pods")]
    figures.report("kubernetes", values, {"pods": [vars(line) for line in lines], "faults": faults, "killed": killed})
    return bool(faults or killed)


def _probes(running: Project) -> list[str]:
    """The names of the probes that say no, of pods that run."""
    return [
        f"{name}: {kind}"
        for name, each in running.containers.items()
        if each.ended() is None
        for kind, words in running.services[name]["probes"].items()
        if not _holds(each, words)
    ]


def _holds(container: Container, words: list[str]) -> bool:
    done = container.run(*words, timeout_s=60)
    if done.returncode:
        say(f"{container.name}: {' '.join(words)}: {done.stdout}{done.stderr}")
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
