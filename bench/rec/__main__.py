"""Recommenders on a history of one's own: `make bench-rec TRAIN=… TEST=… [ITEMS=… VIEWERS=…]`."""

import argparse
import hashlib
import logging
import os
import sys
import time
from statistics import mean

from bench.figures import Figure, report
from bench.rec import cold, peers, per_item, trial
from bench.rec.participants import PEERS, Recent, makers
from bench.rec.table import show_cold, show_main
from bench.rec.trial import Result, Trial
from marquee import logs
from marquee.contracts.errors import MarqueeError
from ml.champion import Champion
from ml.models.lightfm import LightFactors

HOW = """bench-rec needs a history: TRAIN and TEST, each a Parquet or CSV file with columns user, item and timestamp.
MovieLens 1M serves as an example; its licence forbids handing it on, so fetch it yourself from
https://grouplens.org/datasets/movielens/1m/ and split it by time, or point at one file with a column `fold`:
  make bench-rec TRAIN=interactions.parquet:first-80 TEST=interactions.parquet:next-10 \\
    ITEMS=movies.parquet VIEWERS=users.parquet
  make bench-rec PROTOCOL=per-item TRAIN=u.data       (random 75/25 per title, as for MovieLens 100k)"""
DIVERSE = 0.1  # chosen on backtests, for at most 2 % of nDCG


def main() -> None:
    logs.configure(level=logging.WARNING)
    given = _arguments()
    if not given.train or (given.protocol == "temporal" and not given.test):
        sys.exit(HOW)
    if given.protocol == "per-item":
        found = per_item.run(given.train, given.seeds)
        figures = [Figure(f"rec.per_item_ndcg.{_slug(name)}", mean(values), "ndcg") for name, values in found.items()]
        report("rec-per-item", figures, {"ndcg": found})
        return
    _temporal(trial.read(given.train, given.test, given.items, given.viewers), refit=not given.quick)


def _arguments() -> argparse.Namespace:
    given = os.environ.get
    parser = argparse.ArgumentParser(prog="bench.rec", description=__doc__)
    parser.add_argument("--train", default=given("TRAIN"), help="path, or path:fold")
    parser.add_argument("--test", default=given("TEST"), help="path, or path:fold")
    parser.add_argument("--items", default=given("ITEMS"), help="titles and their features")
    parser.add_argument("--viewers", default=given("VIEWERS"), help="viewers and their features")
    parser.add_argument("--protocol", default=given("PROTOCOL", "temporal"), choices=("temporal", "per-item"))
    parser.add_argument("--seeds", type=int, default=int(given("SEEDS", str(per_item.SEEDS))))
    parser.add_argument(
        "--quick", action="store_true", default=bool(given("QUICK")), help="do not fit the champion twice"
    )
    return parser.parse_args()


def _temporal(one: Trial, *, refit: bool) -> None:
    print(f"{len(one.train)} to learn from, {len(one.test)} to foretell")
    print(f"viewers: {len(one.warm)} warm, {len(one.cold)} cold")
    results = {name: one.run(name, make) for name, make in makers(features=one.train.user_features is not None).items()}
    ensemble = results["LightFM ensemble of 3"].model
    name = "LightFM ensemble + recency"
    results[name] = one.run(name, lambda: Recent(ensemble))
    results["champion"] = one.run("champion", Champion)
    champion = results["champion"].model
    diverse = one.judge(lambda rows, n: champion.recommend(rows, n, diversity=DIVERSE), one.warm)
    show_main(results, diverse)
    figures = _figures(results, diverse)
    if len(one.cold):
        figures += show_cold("viewers", cold.viewers(one, champion), "LightFM, viewer features")
    if one.train.item_features is not None:
        figures += show_cold("titles", cold.titles(one), "LightFM, title features")
    ratio = trial.fit_ratio(one.train, LightFactors, lambda: peers.als(threads=1))
    figures.append(Figure("rec.fit_vs_als.lightfm", ratio, "ratio"))  # a thread each
    if refit:
        figures.append(Figure("rec.champion_refit_identical", float(_same(one, champion)), "bool"))
    details = {name: result.evaluation.summary() | {"fit_s": result.fit_s} for name, result in results.items()}
    report("rec", figures, {"models": details, "diverse": diverse.summary()})


def _figures(results: dict[str, Result], diverse: object) -> list[Figure]:
    from bench.rec.table import gain

    champion, als = results["champion"], results["implicit ALS"]
    found = [Figure(f"rec.ndcg.{_slug(name)}", one.evaluation.mean().value, "ndcg") for name, one in results.items()]
    found += [
        Figure(f"rec.{metric}.champion", champion.evaluation.mean(metric).value, metric) for metric in ("recall", "map")
    ]
    found += [Figure(f"rec.lead_low.{_slug(name)}", gain(champion, results[name]).low, "ndcg") for name in PEERS]
    found.append(Figure("rec.fit_vs_als.champion", champion.fit_s / als.fit_s, "ratio"))
    found.append(Figure("rec.viewers_per_s.lightfm", results["LightFM"].viewers_s, "viewers/s"))
    found.append(Figure("rec.viewers_per_s.champion", champion.viewers_s, "viewers/s"))
    found.append(Figure("rec.coverage.diverse", diverse.coverage, "share"))  # type: ignore[attr-defined]
    kept = diverse.mean().value / champion.evaluation.mean().value  # type: ignore[attr-defined]
    found.append(Figure("rec.ndcg_kept.diverse", kept, "ratio"))
    return found


def _same(one: Trial, champion: Champion) -> bool:
    """Whether a champion fitted again recommends the same to everybody."""
    started = time.perf_counter()
    again = Champion().fit(one.train)
    first, second = (hashlib.sha256(m.recommend(None, 20).tobytes()).hexdigest() for m in (champion, again))
    print(f"fitted again in {time.perf_counter() - started:.0f} s: {first[:12]} and {second[:12]}")
    return first == second


def _slug(name: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


if __name__ == "__main__":
    try:
        main()
    except MarqueeError as error:
        sys.exit(str(error))
