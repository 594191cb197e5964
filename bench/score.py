"""`make bench-score TRAIN=…`: viewers a second whom the champion gives lists of 100, on one core.

Counted in processor time of this process, so that other work on the machine does not count as ours. The champion is
fitted to the first history it is given and kept in `--folder`, to be measured again. The lists' checksum says whether
two versions of the code give the same.
"""

import argparse
import hashlib
import os
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

from bench.figures import Figure, report
from bench.rec import files
from ml import champion_files
from ml.champion import Champion
from ml.dataset import from_frames
from ml.models import base

VIEWERS, BEST = 4096, 100


def main() -> None:
    arguments = _arguments()
    if not arguments.train:
        sys.exit("bench-score needs a history, TRAIN: see `make bench-rec`")
    champion = _champion(arguments)
    base.WORKERS = 1
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rows = np.resize(np.flatnonzero(champion.known), VIEWERS)
    champion.recommend(rows[:256], BEST)  # loops are compiled at their first use
    rates = []
    for _ in range(arguments.repeat):
        began = time.process_time()
        found = champion.recommend(rows, BEST)
        rates.append(VIEWERS / (time.process_time() - began))
    print(f"{hashlib.sha256(found.tobytes()).hexdigest()[:16]}: {min(rates):.0f} to {max(rates):.0f} viewers a second")
    report("score", [Figure("score.viewers_per_core_s", median(rates), "viewers/s")], {"rates": rates})


def _arguments() -> argparse.Namespace:
    given = os.environ.get
    parser = argparse.ArgumentParser(prog="bench.score", description=__doc__)
    parser.add_argument("--train", default=given("TRAIN"), help="path, or path:fold")
    parser.add_argument("--items", default=given("ITEMS"))
    parser.add_argument("--viewers", default=given("VIEWERS"))
    parser.add_argument("--repeat", type=int, default=int(given("REPEAT", "5")))
    parser.add_argument("--folder", type=Path, default=Path(__file__).with_name("results") / "champion")
    return parser.parse_args()


def _champion(arguments: argparse.Namespace) -> Champion:
    if not (arguments.folder / "champion.json").is_file():
        history = from_frames(
            files.interactions(arguments.train), files.items(arguments.items), files.viewers(arguments.viewers)
        )
        champion_files.save(Champion().fit(history), arguments.folder)
    return champion_files.load(arguments.folder)


if __name__ == "__main__":
    main()
