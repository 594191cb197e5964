"""Mutation check: change the code a little and see whether its tests notice. `MODULES="ml/gate.py" make mutate`.

Every module has the tests that are to notice. A mutant swaps a comparison, an operator or a constant, turns a condition
around or drops a statement; what is logged is left alone. Up to MUTANTS of a module are drawn with a fixed seed; each
runs in a copy of the checkout. What no test notices is printed with its line. Not in CI: a mutant costs its tests' run.
A small check of our own that draws a sample and knows each module's tests; cosmic-ray and mutmut run every mutant
against one command.
"""

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
WANTED = 0.85  # of the mutants of a module
MUTANTS, SEED = 30, 8
SLOWER = 6  # times its tests' usual time, after which a mutant is taken to hang, and so noticed
EVENTLOG = [
    "tests/viewing/eventlog/test_segments.py",
    "tests/viewing/eventlog/test_writer.py",
    "tests/viewing/eventlog/test_ship.py",
    "tests/api/test_events.py",
]
TESTS = {
    "marquee/content/media/grid.py": ["tests/content/media/test_grid.py", "tests/content/media/test_plan.py"],
    "marquee/content/edge/signing.py": ["tests/content/edge/test_signing.py"],
    "marquee/content/drm/keys.py": ["tests/content/drm"],
    "marquee/content/drm/licence.py": ["tests/content/drm"],
    "ml/split.py": ["tests/ml/test_split.py"],
    "ml/gate.py": ["tests/ml/test_promote.py"],
    **{
        f"marquee/viewing/eventlog/{name}.py": EVENTLOG
        for name in ("closing", "files", "lines", "load", "reader", "segments", "ship", "writer")
    },
    **{
        f"spark_jobs/{name}.py": ["tests/spark_jobs/test_transforms.py", "tests/spark_jobs/test_tastes.py"]
        for name in ("cowatch", "events", "interactions", "playbacks", "ranges", "sessions")
    },
}
COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: the source of the whole module with it, and where and what it is."""

    line: int
    what: str
    source: str


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.mutate", description=__doc__)
    parser.add_argument("modules", nargs="*", default=os.environ.get("MODULES", "").split() or list(TESTS))
    chosen = parser.parse_args().modules
    weak = [module for module in chosen if not _check(module)]
    print(f"\nbelow {WANTED:.0%}: {', '.join(weak) or 'none'}")
    return 1 if weak else 0


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    tree = ast.parse(source)
    for index, node in enumerate(ast.walk(tree)):
        for change in range(_changes(node)):
            changed = copy.deepcopy(tree)
            target = next(n for i, n in enumerate(ast.walk(changed)) if i == index)
            what = _apply(target, change)
            yield Mutant(getattr(node, "lineno", 0), what, ast.unparse(ast.fix_missing_locations(changed)))


def _changes(node: ast.AST) -> int:
    match node:
        case ast.Compare() if type(node.ops[0]) in COMPARISONS:
            return 1
        case ast.BinOp() | ast.BoolOp() if type(node.op) in OPERATORS:
            return 1
        case ast.Constant(value=bool() | int() | float()):
            return 1
        case ast.If() | ast.IfExp() | ast.While():
            return 1
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="log")))):
            return 0
        case ast.Expr(value=ast.Call()) | ast.Raise():
            return 1
    return 0


def _apply(node: ast.AST, _: int) -> str:
    before = ast.unparse(node).splitlines()[0][:60]
    match node:
        case ast.Compare():
            node.ops[0] = COMPARISONS[type(node.ops[0])]()
        case ast.BinOp() | ast.BoolOp():
            node.op = OPERATORS[type(node.op)]()
        case ast.Constant(value=bool()):
            node.value = not node.value
        case ast.Constant():
            node.value += 1  # type: ignore[operator]
        case ast.If() | ast.IfExp() | ast.While():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case ast.Expr() | ast.Raise():
            return f"{before}  →  dropped" if _drop(node) else before
    return f"{before}  →  {ast.unparse(node).splitlines()[0][:60]}"


def _drop(node: ast.AST) -> bool:
    """Turn a statement into one that does nothing, in place."""
    node.__class__ = ast.Pass
    node.__dict__ = {k: v for k, v in node.__dict__.items() if k in {"lineno", "col_offset"}}
    return True


def _check(module: str) -> bool:
    found = list(mutants((ROOT / module).read_text()))
    drawn = sorted(random.Random(SEED).sample(found, min(MUTANTS, len(found))), key=lambda m: m.line)
    folders: Queue[Path] = Queue()
    with TemporaryDirectory(prefix="marquee-mutate-") as folder:
        for n in range(os.cpu_count() or 1):
            folders.put(_copy(Path(folder) / str(n)))
        first = folders.get()
        started = time.monotonic()
        if not _passes(first, module, limit_s=600):
            raise SystemExit(f"{module}: its tests fail without any change")
        limit_s = SLOWER * (time.monotonic() - started) + 10
        folders.put(first)

        def survives(mutant: Mutant) -> bool:
            place = folders.get()
            original = (place / module).read_text()
            try:
                (place / module).write_text(mutant.source)
                return _passes(place, module, limit_s=limit_s)
            finally:
                (place / module).write_text(original)
                folders.put(place)

        with ThreadPoolExecutor(folders.qsize()) as pool:
            alive = [m for m, lives in zip(drawn, pool.map(survives, drawn), strict=True) if lives]
    noticed = len(drawn) - len(alive)
    print(
        f"{module}: {noticed} of {len(drawn)} noticed ({noticed / len(drawn):.0%}; {len(found)} possible)", flush=True
    )
    for mutant in alive:
        print(f"    line {mutant.line}: {mutant.what}", flush=True)
    return noticed >= WANTED * len(drawn)


def _copy(to: Path) -> Path:
    listed = subprocess.run(
        [shutil.which("git") or "git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


def _passes(place: Path, module: str, *, limit_s: float) -> bool:
    argv = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *TESTS[module]]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(place)}
    process = subprocess.Popen(
        argv, cwd=place, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        return process.wait(limit_s) == 0
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()
        return False


if __name__ == "__main__":
    sys.exit(main())
