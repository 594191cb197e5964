"""Equal slope over chunks against one CRF for all, both at equal mean rates: `make bench-slope`.

The clips count as one programme. The method is in docs/bench.md.
"""

import argparse
import logging
import math
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.figures import RESULTS, Figure, keep_table, report
from bench.quality.points import Point as Scored
from bench.quality.rates import bd_rates
from bench.slope import sampled
from bench.slope.table import METRICS, Together, cut, rung_like, table
from marquee import logs
from marquee.content.media.hull import slope
from marquee.content.media.hull.probes import pooled_harmonic
from marquee.content.media.ladder import Search, profile
from marquee.contracts.ladder import Point
from marquee.contracts.plan import Codec, Rung
from marquee.storage import Store

ENCODED = {Codec.H264: [20, 25, 30, 35, 40], Codec.AV1: [26, 34, 42, 50, 58]}
UNCAPPED_KBPS = 60_000


def main() -> None:
    logs.configure(level=logging.WARNING)
    arguments = _arguments()
    work = Store(f"file://{(arguments.work or RESULTS / 'slope').resolve()}")
    codec = arguments.codec
    search = profile("premium").searches[codec]
    chunks: list[Together] = []
    guesses: list[list[Point]] = []
    for path in arguments.clips:
        taken, like, count = cut(path.resolve(), arguments.seconds), _rung(codec, search), arguments.together
        single = table(taken, rung_like(taken, arguments.box, like), ENCODED[codec], work)
        guessed = sampled.expected(taken, rung_like(taken, min(search.heights), like), search, work)
        starts = range(0, len(single), count)
        chunks += [Together(single[n : n + count]) for n in starts]
        guesses += [guessed[min(n + count // 2, len(single) - 1)] for n in starts]
    fine, coarse = ENCODED[codec][0], ENCODED[codec][-1]
    known = [[_expected(chunk, crf, codec) for crf in range(fine, coarse + 1)] for chunk in chunks]
    likely = [[point for point in curve if fine <= point.crf <= coarse] for curve in guesses]
    ways = {"known": known, "sampled": likely}
    report("slope", [f for way, curves in ways.items() for f in _compared(way, curves, chunks, codec)], {})


def _arguments() -> argparse.Namespace:
    clips = [Path(each) for each in os.environ.get("CLIPS", "").split()]
    parser = argparse.ArgumentParser(prog="bench.slope", description=__doc__)
    parser.add_argument("--clips", type=Path, nargs="+", default=clips, required=not clips)
    parser.add_argument("--seconds", type=float, help="of each, from its middle; by default all of it")
    parser.add_argument("--codec", type=Codec, default=Codec.H264, choices=list(ENCODED))
    parser.add_argument("--box", type=int, default=360, help="lines of the rung's 16:9 box")
    parser.add_argument("--together", type=int, default=1, help="segments of 4 s in a chunk")
    parser.add_argument("--work", type=Path, help="folder of what is made, and found again; below bench/results")
    return parser.parse_args()


def _rung(codec: Codec, search: Search) -> Rung:
    settings = {"preset": search.preset, "options": search.options, "maxrate_kbps": UNCAPPED_KBPS}
    return Rung.model_validate({"codec": codec, "width": 2, "height": 2, "crf": 0, **settings})


def _compared(way: str, curves: Sequence[slope.Curve], chunks: Sequence[Together], codec: Codec) -> list[Figure]:
    """BD rates of chunks spread by these curves, a table of the renditions beside."""
    fine, coarse = ENCODED[codec][0], ENCODED[codec][-1]
    bases = range(fine + slope.MOST_AWAY, coarse - slope.MOST_AWAY + 1, 2)
    even = [[base] * len(chunks) for base in bases]
    sloped = [slope.allocate(curves, [c.seconds for c in chunks], base, math.inf) for base in bases]
    anchor, test = ([_programme(chunks, crfs) for crfs in each] for each in (even, sloped))
    rows = [f"| CRF | kb/s | VMAF | p5 | {way}: kb/s | VMAF | p5 | CRFs |", "|---" * 8 + "|"]
    for crfs, flat, a, b in zip(sloped, even, anchor, test, strict=True):
        cells = [f"{p.kbps:.0f} | {p.vmaf:.2f} | {_fifth(chunks, c):.1f}" for p, c in ((a, flat), (b, crfs))]
        rows.append(f"| {flat[0]} | {' | '.join(cells)} | {min(crfs)} to {max(crfs)} |")
    keep_table(f"slope-{codec}-{way}", "\n".join(rows))
    print("\n".join(rows))
    return [Figure(f"slope.{codec}.{way}.{m}", rate, "%") for m, rate in bd_rates(anchor, test).items()]


def _expected(chunk: Together, crf: int, codec: Codec) -> Point:
    vmaf = chunk.scores("vmaf", crf)
    return Point(
        codec=codec,
        width=2,
        height=2,
        crf=crf,
        kbps=chunk.bits(crf) / chunk.seconds / 1000,
        vmaf=float(vmaf.mean()),
        vmaf_harmonic=pooled_harmonic([float(v) for v in vmaf]),
        vmaf_p5=float(np.percentile(vmaf, 5)),
    )


def _programme(chunks: Sequence[Together], crfs: Sequence[int]) -> Scored:
    """All chunks as one rendition."""
    bits = sum(chunk.bits(crf) for chunk, crf in zip(chunks, crfs, strict=True))
    vmaf, psnr, ssim = (float(_frames(chunks, crfs, metric).mean()) for metric in METRICS)
    kbps = bits / sum(chunk.seconds for chunk in chunks) / 1000
    return Scored(name="", kbps=kbps, vmaf=vmaf, psnr=psnr, ssim=-10 * math.log10(1 - ssim), seconds=0)


def _fifth(chunks: Sequence[Together], crfs: Sequence[int]) -> float:
    return float(np.percentile(_frames(chunks, crfs, "vmaf"), 5))


def _frames(chunks: Sequence[Together], crfs: Sequence[int], metric: str) -> np.ndarray:
    return np.concatenate([chunk.scores(metric, crf) for chunk, crf in zip(chunks, crfs, strict=True)])


if __name__ == "__main__":
    main()
