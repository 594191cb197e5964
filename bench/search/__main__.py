"""Search: quality and speed, `make bench-search`. The method is in docs/bench.md."""

import argparse
import logging
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.api.server import catalogue, serving
from bench.figures import Figure, report
from bench.search import films, quality, speed
from marquee import logs
from marquee.viewing.pipeline.simulating_catalogue import simulate_catalogue

PARTS = {"quality": quality, "speed": speed}


def main() -> None:
    logs.configure(level=logging.WARNING)
    environment = os.environ.get
    parser = argparse.ArgumentParser(prog="bench.search", description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part alone")
    sizes = [int(word) for word in environment("TITLES", "25000 100000").split()]
    parser.add_argument("--titles", type=int, nargs="+", default=sizes, help="a catalogue of each size")
    parser.add_argument("--seconds", type=float, default=float(environment("SECONDS_EACH", "10")), help="per figure")
    parser.add_argument("--films", type=Path, default=environment("FILMS"), help="MovieLens' movies.parquet, or none")
    parser.add_argument("--each", type=int, default=int(environment("EACH", "40")), help="queries of each kind")
    parser.add_argument("--seed", type=int, default=int(environment("SEED", "1")))
    arguments = parser.parse_args()
    figures: list[Figure] = []
    details: dict[str, Any] = {}
    for size in arguments.titles:
        with TemporaryDirectory(prefix="marquee-bench-") as home, catalogue(Path(home)):
            simulate_catalogue(size, arguments.seed)
            names = films.load(arguments.films) if arguments.films and size == arguments.titles[0] else []
            with serving() as server:
                for name in arguments.only or PARTS:
                    if name == "quality" and size != arguments.titles[0]:
                        continue
                    found, details[f"{name} {size}"] = PARTS[name].measure(server, arguments, size, names)
                    figures += found
    report("search", figures, details)


if __name__ == "__main__":
    main()
