"""What the servers of an idle platform take of a core: `make bench-idle`. The method is in docs/bench.md."""

import argparse
import logging
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import stack
from bench.figures import Figure, report
from bench.processes import seconds
from marquee import logs
from marquee.embedded.supervisor import Supervisor


def main() -> None:
    logs.configure(level=logging.WARNING)
    arguments = _arguments()
    with TemporaryDirectory(prefix="marquee-bench-") as home, stack.running(Path(home)) as platform:
        time.sleep(arguments.settle)
        leaders = {each.pid: each.name for each in Supervisor(platform.settings).states().values() if each.pid}
        before, started = seconds(leaders), time.monotonic()
        time.sleep(arguments.seconds)
        after, wall = seconds(leaders), time.monotonic() - started
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


if __name__ == "__main__":
    main()
