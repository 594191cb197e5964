"""Our Spark jobs and dbt marts against SQL by hand in DuckDB: `make bench-data`. The method is in docs/bench.md."""

import argparse
import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.data import events, marts, measured_process
from bench.figures import Figure, report, spread
from marquee import logs
from marquee.contracts.lake import PLAYBACKS, SESSIONS, Table

SIZES = (1_000_000, 5_000_000, 20_000_000)
HEAP = "1g"
TABLES = (PLAYBACKS, SESSIONS)


@dataclass(frozen=True)
class Size:
    """What was measured at one number of events (copies included)."""

    asked: int
    events: int
    spark: list[measured_process.Run]
    duckdb: list[measured_process.Run]
    marts: marts.Measured

    @property
    def name(self) -> str:
        return f"{self.asked / 1e6:g}m"

    def wall(self, engine: str) -> float:
        return median(run.wall_s for run in getattr(self, engine))

    def figures(self) -> list[Figure]:
        found = [Figure(f"data.spark_vs_duckdb_{self.name}", self.wall("spark") / self.wall("duckdb"), "ratio")]
        for engine in ("spark", "duckdb"):
            runs: list[measured_process.Run] = getattr(self, engine)
            found += [
                Figure(f"data.{engine}_{self.name}", self.wall(engine), "s"),
                Figure(f"data.{engine}_cpu_{self.name}", median(run.cpu_s for run in runs), "s"),
                Figure(f"data.{engine}_rate_{self.name}", self.events / self.wall(engine), "rows/s"),
                Figure(f"data.{engine}_memory_{self.name}", max(run.peak_bytes for run in runs) / 2**30, "GiB"),
            ]
        start = median(run.at("job begins") for run in self.spark)
        return [*found, Figure(f"data.spark_start_{self.name}", start, "s"), *self.marts.figures(self.name)]


def main() -> None:
    logs.configure(level=logging.WARNING)
    arguments = _arguments()
    with TemporaryDirectory(prefix="marquee-bench-", dir=arguments.scratch) as name:
        sizes = [_measure(Path(name) / str(count), count, arguments.repeat) for count in arguments.events]
    for size in sizes:
        for engine in ("spark", "duckdb"):
            print(f"{size.name} events, {engine}: {spread([run.wall_s for run in getattr(size, engine)])} s")
    figures = [figure for size in sizes for figure in size.figures()]
    report("data", [*figures, *_slopes(sizes)], {"heap": HEAP, "sizes": sizes})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.data", description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=SIZES)
    parser.add_argument("--repeat", type=int, default=int(os.environ.get("REPEAT", "1")))
    parser.add_argument("--scratch", type=Path, help="a folder with room: 1 GB for 20 million events, and what spills")
    return parser.parse_args()


def _measure(home: Path, count: int, repeat: int) -> Size:
    """Both engines in turn on the same events; raises AssertionError when they disagree on any row."""
    lake = home / "lake"
    rows = events.make(lake, count)
    print(f"{rows} events made", flush=True)
    spark, duckdb = [], []
    for number in range(repeat):
        floor = home / f"floor-{number}"
        floor.mkdir()
        duckdb.append(
            measured_process.run([sys.executable, "-m", "bench.data.floor", str(lake), str(floor)], os.environ)
        )
        spark.append(measured_process.run(_job(), _environment(home)))
        print(f"by hand {duckdb[-1].wall_s:.1f} s, by Spark {spark[-1].wall_s:.1f} s", flush=True)
        for table in TABLES:
            ours, theirs = checksum(table, lake), checksum(table, floor)
            assert ours == theirs, f"{table.name} at {rows} events: {ours} rows and checksum by Spark, {theirs} by hand"
    return Size(count, rows, spark, duckdb, marts.run(lake, home / "marts"))


def _job() -> list[str]:
    days = [str(day) for day in events.days()]
    return [sys.executable, "-m", "spark_jobs", "playbacks", "sessions", "--days", *days]


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARQUEE_")}
    return kept | {"MARQUEE_HOME": str(home), "MARQUEE_SPARK_MASTER": "local[*]", "MARQUEE_SPARK_MEMORY": HEAP}


def checksum(table: Table, folder: Path) -> tuple[int, int]:
    """How many rows a table has, and a sum over all their columns that their order does not change."""
    import duckdb

    columns = ", ".join(table.columns)
    files = f"read_parquet('{folder}/{table.name}/*/*.parquet', hive_partitioning = false)"
    with duckdb.connect() as database:
        ((rows, total),) = database.execute(
            f"select count(*), sum(hash(one)) from (select {columns} from {files}) as one"  # noqa: S608
        ).fetchall()
    return int(rows), int(total)


def _slopes(sizes: list[Size]) -> list[Figure]:
    """Times against rows, from the smallest to the largest: at most 1 when time grows no faster than rows."""
    least, most = sizes[0], sizes[-1]
    rows = most.events / least.events
    return [
        Figure(f"data.{engine}_slope", most.wall(engine) / least.wall(engine) / rows, "ratio")
        for engine in ("spark", "duckdb")
        if most is not least
    ]


if __name__ == "__main__":
    main()
