"""Runs a module's tests on mutants, in copies of the checkout, one per core."""

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory

from bench.mutate.mutants import Mutant
from bench.mutate.place import Place

ROOT = Path(__file__).parents[2]
SLOWER = 5  # times its tests' usual time, after which a mutant is taken to hang, and so noticed


def unnoticed(module: str, tests: Sequence[str], drawn: Sequence[Mutant]) -> list[Mutant]:
    """The mutants with which all tests pass. Ends the program when they fail without any."""
    places: Queue[Place] = Queue()
    with TemporaryDirectory(prefix="marquee-mutate-") as folder, ExitStack() as stack:
        for n in range(os.cpu_count() or 1):
            copy = _copy(Path(folder) / str(n))
            places.put(stack.enter_context(Place(copy, spark=module.startswith("spark_jobs/"))))
        limit_s = _limit_s(places, module, tests)

        def lives(mutant: Mutant) -> bool:
            place = places.get()
            original = (place.path / module).read_text()
            try:
                (place.path / module).write_text(mutant.source)
                return place.passes(tests, limit_s=limit_s)
            finally:
                (place.path / module).write_text(original)
                places.put(place)

        with ThreadPoolExecutor(places.qsize()) as pool:
            return [mutant for mutant, alive in zip(drawn, pool.map(lives, drawn), strict=True) if alive]


def _limit_s(places: Queue[Place], module: str, tests: Sequence[str]) -> float:
    place = places.get()
    started = time.monotonic()
    if not place.passes(tests, limit_s=600):
        raise SystemExit(f"{module}: its tests fail without any change")
    places.put(place)
    return SLOWER * (time.monotonic() - started) + 10


def _copy(to: Path) -> Path:
    listed = subprocess.run(
        [shutil.which("git") or "git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to
