"""Publishing recommendations for everybody against a bare COPY of the same bytes: `make bench-publish`.

Floor: the same rows, encoded beforehand, copied into a plain table without a key, and committed; the same with the
key that look-ups need. Readers ask all the while and check that every answer is of one generation.
"""

import argparse
import logging
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from bench.figures import Figure, report, spread
from marquee import logs
from marquee.catalogue import database, recommendations
from marquee.catalogue.database import begin
from marquee.embedded.ports import free
from marquee.embedded.postgres import EmbeddedPostgres
from marquee.settings import settings
from ml import pg_copy
from ml.publish import BEST, BLOCK, Answers, publish

TITLES = 5_000
APART = 1_000_000  # titles of the n-th model begin at n times this, so that every answer tells whose it is


def main() -> None:
    logs.configure(level=logging.WARNING)
    arguments = _arguments()
    with TemporaryDirectory(prefix="marquee-bench-") as folder, _catalogue(Path(folder)):
        publish(_answers(1, arguments.profiles))
        walls: dict[str, list[float]] = {"publish": [], "copy": [], "copy_with_key": []}
        with _readers(arguments.profiles) as seen:
            for model in range(2, 2 + arguments.repeat):
                walls["publish"].append(_timed(lambda model=model: publish(_answers(model, arguments.profiles))))
        for _ in range(arguments.repeat):
            bare, keyed = _floor(arguments.profiles)
            walls["copy"].append(bare)
            walls["copy_with_key"].append(keyed)
    _print_report(arguments.profiles, walls, seen)


def _arguments() -> argparse.Namespace:
    environment = os.environ.get
    parser = argparse.ArgumentParser(prog="bench.publish", description=__doc__)
    parser.add_argument("--profiles", type=int, default=int(environment("PROFILES", "100000")))
    parser.add_argument("--repeat", type=int, default=int(environment("REPEAT", "3")))
    return parser.parse_args()


@contextmanager
def _catalogue(folder: Path) -> Iterator[None]:
    """A catalogue on a server of its own that flushes to disk as in production."""
    server = EmbeddedPostgres(folder, free(1)[0], "password-of-the-bench")
    server.prepare()
    server.start()
    try:
        with psycopg.connect(f"{server.url}/postgres", autocommit=True) as connection:
            connection.execute("create database marquee")
        os.environ |= {"MARQUEE_DATABASE_URL": server.url, "MARQUEE_HOME": str(folder / "home")}
        settings.cache_clear()
        database.migrate()
        yield
    finally:
        database.engine().dispose()
        server.stop()


def _answers(model: int, profiles: int) -> Answers:
    """Answers at the price of an addition: what is measured is the publishing."""
    order = np.random.default_rng(0).permutation(TITLES).astype(np.int32)

    def recommend(rows: NDArray[np.int64], count: int) -> NDArray[np.int32]:
        return order[(rows[:, None] + np.arange(count)) % TITLES]

    def similar(count: int) -> NDArray[np.int32]:
        return recommend(np.arange(TITLES), count)

    return Answers(f"m/{model}", np.arange(profiles) + 1, model * APART + np.arange(TITLES), recommend, similar)


@dataclass
class Seen:
    """What a reader got. `mixed` counts answers of two generations: it must stay 0."""

    seconds: list[float] = field(default_factory=list)
    models: set[int] = field(default_factory=set)
    mixed: int = 0


@contextmanager
def _readers(profiles: int, count: int = 2) -> Iterator[list[Seen]]:
    """Readers in processes of their own; the list is filled when the block ends."""
    context, found = multiprocessing.get_context("spawn"), list[Seen]()
    over, answers = context.Event(), context.Queue()
    readers = [context.Process(target=_read, args=(profiles, seed, over, answers)) for seed in range(count)]
    for reader in readers:
        reader.start()
    try:
        yield found
    finally:
        over.set()
        found += [answers.get(timeout=60) for _ in readers]
        for reader in readers:
            reader.join()


def _read(profiles: int, seed: int, over: Any, answers: Any) -> None:
    seen, random = Seen(), np.random.default_rng(seed)
    while not over.wait(0.005):
        started = time.perf_counter()
        with begin() as session:
            _, titles = recommendations.recommended(session, int(random.integers(1, profiles + 1)))
        seen.seconds.append(time.perf_counter() - started)
        models = {title // APART for title in titles}
        seen.mixed += len(models) != 1 or len(titles) != BEST
        seen.models |= models
    answers.put(seen)


def _floor(profiles: int) -> tuple[float, float]:
    """Seconds of the bare COPY of the same rows, and of that with the primary key made after it."""
    answers = _answers(0, profiles)
    starts = range(0, profiles, BLOCK)
    rows = (np.arange(start, min(start + BLOCK, profiles)) for start in starts)
    blocks = list(pg_copy.stream(1, ((answers.users[r], answers.titles[answers.recommend(r, BEST)]) for r in rows)))
    with psycopg.connect(settings().database().replace("+psycopg", "")) as connection:
        connection.execute("create table bare (generation_id bigint, profile_id bigint, title_ids bigint[])")
        connection.commit()

        def fill() -> None:
            with connection.cursor().copy("copy bare from stdin (format binary)") as copy:
                for block in blocks:
                    copy.write(block)
            connection.commit()

        def index() -> None:
            connection.execute("alter table bare add primary key (generation_id, profile_id)")
            connection.commit()

        filled, indexed = _timed(fill), _timed(index)
        connection.execute("drop table bare")
    return filled, filled + indexed


def _timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _print_report(profiles: int, walls: dict[str, list[float]], readers: list[Seen]) -> None:
    for name, seconds in walls.items():
        print(f"{name}: {spread(seconds)} s for {profiles} profiles x {BEST} titles")
    waits = [seconds for seen in readers for seconds in seen.seconds]
    models, mixed = sorted(set().union(*(seen.models for seen in readers))), sum(seen.mixed for seen in readers)
    print(f"readers meanwhile: {len(waits)} answers, of models {models}, mixed {mixed}")
    middle = {name: median(seconds) for name, seconds in walls.items()}
    figures = [
        Figure("publish.wall", middle["publish"], "s"),
        Figure("publish.rate", profiles / middle["publish"], "profiles/s"),
        Figure("publish.bare_copy_rate", profiles / middle["copy"], "profiles/s"),
        Figure("publish.wall_vs_bare_copy", middle["publish"] / middle["copy"], "ratio"),
        Figure("publish.wall_vs_copy_with_key", middle["publish"] / middle["copy_with_key"], "ratio"),
        Figure("publish.read_p99", 1000 * float(np.quantile(waits, 0.99)), "ms"),
        Figure("publish.mixed_answers", mixed, "answers"),
    ]
    report("publish", figures, {"profiles": profiles, "walls_s": walls, "answers": len(waits)})
    if mixed:
        raise SystemExit("a reader saw two generations in one answer")


if __name__ == "__main__":
    main()
