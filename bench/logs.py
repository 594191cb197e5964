"""Search in 1 GB of logs: `marquee logs` against grep, the floor, and DuckDB, a peer.

python -m bench.logs --megabytes 1000 --repeat 3
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.figures import Figure, report, spread

MB = 1_000_000
SERVICES = ("api", "gateway", "shield", "origin")
FILES = 3  # of a service, as the supervisor keeps them
SPAN_S = 6 * 3600
SEED = 20260131
SERIOUS = 'regexp_matches(line, \'"level": ?"(warning|error|critical)\')'


def main() -> None:
    options = _arguments()
    with TemporaryDirectory(prefix="marquee-bench-logs-", dir=options.folder) as folder:
        home = Path(folder)
        trace, size = write(home / "logs", options.megabytes * MB)
        logs = sorted(map(str, (home / "logs").iterdir()))
        print(f"{size / MB:.0f} MB in {len(logs)} files")
        since = datetime.fromtimestamp(_start() + SPAN_S * 0.9, UTC).isoformat()
        cases = {
            "trace": ["--trace", trace],
            "level": ["--level", "warning"],
            "text": ["--grep", "took its time"],
            "since": ["--since", since, "--level", "error"],
        }
        times: dict[str, list[float]] = {}
        for _ in range(options.repeat):
            for name, words in cases.items():
                times.setdefault(name, []).append(timed(lambda words=words: ours(home, words)))  # type: ignore[misc]
            times.setdefault("grep", []).append(timed(lambda: floor(logs, trace)))
            times.setdefault("duckdb_trace", []).append(timed(lambda: peer(logs, f"contains(line, '{trace}')")))
            times.setdefault("duckdb_level", []).append(timed(lambda: peer(logs, SERIOUS)))
    for name, seconds in times.items():
        print(f"{name:<14} {spread(seconds)} s")
    figures = [Figure(f"logs.{name}", median(seconds), "s") for name, seconds in times.items()]
    figures.append(Figure("logs.trace_vs_grep", median(times["trace"]) / median(times["grep"]), "ratio"))
    report("logs", figures, {"bytes": size, "times": times})


def write(folder: Path, size: int) -> tuple[str, int]:
    """Logs of several services over six hours, one line in a hundred serious. Returns a trace id in them, and bytes."""
    folder.mkdir()
    rng, trace, written = random.Random(SEED), f"{SEED:032x}", 0
    share = size // (len(SERVICES) * FILES)
    for service in SERVICES:
        for age in reversed(range(FILES)):
            path = folder / f"{service}.log{f'.{age}' if age else ''}"
            first = _start() + SPAN_S * (FILES - 1 - age) / FILES
            with path.open("wb") as file:
                while (place := file.tell()) < share:
                    at = first + SPAN_S / FILES * place / share
                    file.write(_lines(rng, service, at, trace if place == 0 else ""))
            written += path.stat().st_size
    return trace, written


def _lines(rng: random.Random, service: str, at: float, trace: str) -> bytes:
    """A thousand lines of a moment."""
    stamp = datetime.fromtimestamp(at, UTC).isoformat()
    made = []
    for number in range(1000):
        level = "info" if number % 100 else rng.choice(("warning", "error"))
        said = {
            "timestamp": stamp,
            "level": level,
            "service": service,
            "event": "request" if level == "info" else "took its time" if number % 200 else "failed",
            "method": "POST",
            "path": f"/v1/playback-sessions/{rng.getrandbits(60)}/heartbeat",
            "route": "/v1/playback-sessions/{session_id}/heartbeat",
            "status": 200,
            "ms": number / 10,
            "trace_id": trace if trace and not number else f"{rng.getrandbits(128):032x}",
        }
        made.append(json.dumps(said))
    return ("\n".join(made) + "\n").encode()


def _start() -> float:
    return datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp()


def timed(work: Callable[[], int]) -> float:
    """Seconds of wall time. Raises RuntimeError when nothing was found: then nothing was measured."""
    began = time.perf_counter()
    found = work()
    seconds = time.perf_counter() - began
    if not found:
        raise RuntimeError("found nothing")
    return seconds


def ours(home: Path, words: Sequence[str]) -> int:
    """Lines found by the command, as people run it, with its start."""
    environment = {**os.environ, "MARQUEE_HOME": str(home)}
    argv = [sys.executable, "-m", "marquee.cli", "logs", "--json", *words]
    return subprocess.run(argv, env=environment, check=True, capture_output=True).stdout.count(b"\n")


def floor(logs: Sequence[str], text: str) -> int:
    """Lines with a text, by nothing but grep."""
    argv = ["grep", "-F", "-h", text, *logs]
    return subprocess.run(argv, env={"LC_ALL": "C"}, check=True, capture_output=True).stdout.count(b"\n")


def peer(logs: Sequence[str], condition: str) -> int:
    """Lines that a condition holds for, by DuckDB with all processors."""
    import duckdb

    form = "columns={'line': 'VARCHAR'}, delim='\\x01', quote='', escape='', header=false, auto_detect=false"
    query = f"select line from read_csv({list(logs)!r}, {form}) where {condition}"  # noqa: S608 (constants)
    return len(duckdb.sql(query).fetchall())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.logs", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", help="where the logs are made; the system's temporary folder by default")
    return parser.parse_args()


if __name__ == "__main__":
    main()
