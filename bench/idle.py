"""What the servers of an idle platform take of a core: `make bench-idle`. The method is in docs/bench.md."""

import argparse
import logging
import os
import time
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import stack
from bench.figures import Figure, report
from marquee import logs
from marquee.embedded.supervisor import Supervisor

TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    logs.configure(level=logging.WARNING)
    arguments = _arguments()
    with TemporaryDirectory(prefix="marquee-bench-") as home, stack.running(Path(home)) as platform:
        time.sleep(arguments.settle)
        leaders = {each.pid: each.name for each in Supervisor(platform.settings).states().values() if each.pid}
        before, started = _seconds(leaders), time.monotonic()
        time.sleep(arguments.seconds)
        after, wall = _seconds(leaders), time.monotonic() - started
    shares = {name: 100 * (after[name] - before[name]) / wall for name in leaders.values()}
    for name, share in sorted(shares.items(), key=lambda each: -each[1]):
        print(f"{name:20} {share:5.1f} % of a core")
    figures = [Figure("idle.all", sum(shares.values()), "%")]
    figures += [Figure(f"idle.{name}", share, "%") for name, share in shares.items()]
    report("idle", figures, {"seconds": wall})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.idle", description=__doc__)
    parser.add_argument("--settle", type=float, default=60, help="seconds after the start that do not count")
    parser.add_argument("--seconds", type=float, default=120)
    return parser.parse_args()


def _seconds(leaders: dict[int, str]) -> dict[str, float]:
    """Processor seconds of each service so far: of its processes, and of their children that have ended (proc(5))."""
    parents, used = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(folder.name)] = int(fields[1])
        used[int(folder.name)] = sum(map(int, fields[11:15])) / TICKS
    found: dict[str, float] = defaultdict(float)
    for pid, seconds in used.items():
        if service := _service(pid, parents, leaders):
            found[service] += seconds
    return found


def _service(pid: int, parents: dict[int, int], leaders: dict[int, str]) -> str | None:
    """The service that a process belongs to."""
    while pid in parents:
        if pid in leaders:
            return leaders[pid]
        pid = parents[pid]
    return None


if __name__ == "__main__":
    main()
