"""`make mutate`, or `MODULES="ml/gate.py" make mutate`; MUTANTS=1000 takes all of a module. See docs/bench.md."""

import argparse
import os
import random
import sys

from bench.mutate.equivalent import reasons
from bench.mutate.mutants import Mutant, mutants
from bench.mutate.tests_of import TESTS
from bench.mutate.trial import ROOT, unnoticed

WANTED = 0.85  # of the mutants of a module that change what it does
DRAWN = int(os.environ.get("MUTANTS", "30"))
SEED = 8


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.mutate", description=__doc__)
    parser.add_argument("modules", nargs="*", default=os.environ.get("MODULES", "").split() or list(TESTS))
    weak = [module for module in parser.parse_args().modules if not _check(module)]
    print(f"\nbelow {WANTED:.0%}, or with errors in equivalent.toml: {', '.join(weak) or 'none'}")
    return 1 if weak else 0


def _check(module: str) -> bool:
    possible = list(mutants((ROOT / module).read_text()))
    drawn = sorted(random.Random(SEED).sample(possible, min(DRAWN, len(possible))), key=lambda m: m.line)
    known = reasons(module)
    alive = unnoticed(module, TESTS[module], drawn)
    wrong = [f"no such mutant: {text}: {what}" for text, what in known.keys() - {(m.text, m.what) for m in possible}]
    wrong += [f"noticed after all: {_said(m)}" for m in drawn if m not in alive and (m.text, m.what) in known]
    equivalent = [m for m in alive if (m.text, m.what) in known]
    noticed, counted = len(drawn) - len(alive), len(drawn) - len(equivalent)
    print(
        f"{module}: {noticed} of {counted} noticed ({noticed / counted:.0%}); with {len(equivalent)} equivalent ones "
        f"{noticed} of {len(drawn)} ({noticed / len(drawn):.0%}); {len(possible)} possible"
    )
    _list([_said(m) for m in alive if m not in equivalent])
    _list([f"equivalent: {_said(m)}: {known[m.text, m.what]}" for m in equivalent])
    _list([f"equivalent.toml: {error}" for error in wrong])
    return not wrong and noticed >= WANTED * counted


def _said(mutant: Mutant) -> str:
    return f"line {mutant.line}: {mutant.what}"


def _list(lines: list[str]) -> None:
    for line in lines:
        print(f"    {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
