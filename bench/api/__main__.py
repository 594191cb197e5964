"""The API under load: `make bench-api`. The method is in docs/bench.md."""

import argparse
import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.api import events, playback, rows
from bench.api.server import catalogue
from bench.figures import report
from marquee import logs

PARTS = {"events": events, "rows": rows, "playback": playback}


def main() -> None:
    logs.configure(level=logging.WARNING)
    parser = argparse.ArgumentParser(prog="bench.api", description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part alone")
    for part in PARTS.values():
        part.add_arguments(parser)
    arguments = parser.parse_args()
    figures, details = [], {}
    for name in arguments.only or PARTS:
        with TemporaryDirectory(prefix="marquee-bench-") as home, catalogue(Path(home)):
            found, details[name] = PARTS[name].measure(arguments)
            figures += found
    report("api", figures, details)


if __name__ == "__main__":
    main()
