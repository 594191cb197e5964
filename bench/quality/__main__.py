"""Searched ladders against Apple's fixed one, and VP9 and AV1 against our H.264: `make bench-quality`.

The method is in docs/bench.md.
"""

import argparse
import logging
import os
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

from bench.figures import RESULTS, Figure, keep_table, report
from bench.quality import fixed, points
from bench.quality.clips import PROFILE, clip
from bench.quality.points import Point
from bench.quality.rates import MEASURES, bd_rates
from bench.quality.searches import searched
from marquee import logs
from marquee.content.media.ladder import profile
from marquee.contracts.ladder import LadderSearch
from marquee.contracts.plan import Codec
from marquee.demo import sample
from marquee.storage import Store

COMPARED = {  # figure: the curve that is the anchor, and the one that is judged by it
    "h264_vs_apple": ("apple", "h264"),
    "h264_vs_apple_same_settings": ("apple_same_settings", "h264"),
    "vp9_vs_h264": ("h264", "vp9"),
    "av1_vs_h264": ("h264", "av1"),
    "av1_vs_apple": ("apple", "av1"),
}
Curves = dict[str, list[Point]]


def main() -> None:
    logs.configure(level=logging.WARNING)
    arguments = _arguments()
    work = Store(f"file://{(arguments.work or RESULTS / 'quality').resolve()}")
    with TemporaryDirectory(prefix="marquee-bench-") as name:
        paths = arguments.clips or [_sample(Path(name))]
        found = [_clip(path.resolve(), arguments, work) for path in paths]
    _report(found)


def _arguments() -> argparse.Namespace:
    clips = [Path(each) for each in os.environ.get("CLIPS", "").split()]
    seconds = float(os.environ.get("SECONDS_EACH", "0")) or None
    parser = argparse.ArgumentParser(prog="bench.quality", description=__doc__)
    parser.add_argument("--clips", type=Path, nargs="+", default=clips, help="films; by default the sample film")
    parser.add_argument("--seconds", type=float, default=seconds, help="of each, from its middle; by default all of it")
    parser.add_argument("--codecs", nargs="+", type=Codec, default=list(profile(PROFILE).searches), help="to be judged")
    parser.add_argument("--work", type=Path, help="folder of what is made, and found again; below bench/results")
    return parser.parse_args()


def _sample(folder: Path) -> Path:
    slug = sample.deliver(folder)
    return folder / slug / f"{slug}.mp4"


def _clip(path: Path, arguments: argparse.Namespace, work: Store) -> tuple[str, LadderSearch, Curves]:
    taken = clip(path, arguments.seconds)
    search = searched(taken, arguments.codecs, work)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        ours = partial(points.ours, taken, work=work)
        curves = {codec.value: pool.map(ours, [rung for rung, _ in search.of(codec)]) for codec in Codec}
        for name, (preset, options) in _settings().items():
            encode = partial(points.elsewhere, taken, recipe="two passes", make=fixed.commands, work=work)
            curves[name] = pool.map(encode, fixed.rungs(taken, preset, options))
        made = {name: _told(taken.name, name, found) for name, found in curves.items()}
    return taken.name, search, made


def _settings() -> dict[str, tuple[str, str]]:
    """Preset and options of the fixed ladder: x264's default, and those of our own H.264."""
    own = profile(PROFILE).searches[Codec.H264]
    return {"apple": fixed.MEDIUM, "apple_same_settings": (own.preset, own.options)}


def _told(clip_name: str, curve: str, found: Iterable[Point]) -> list[Point]:
    kept = []
    for each in found:
        print(f"{clip_name} {curve} {each.name}: {each.kbps:.0f} kb/s, VMAF {each.vmaf:.1f}", flush=True)
        kept.append(each)
    return kept


def _report(found: Sequence[tuple[str, LadderSearch, Curves]]) -> None:
    rows = {name: {f: bd_rates(c[a], c[b]) for f, (a, b) in COMPARED.items() if c[a] and c[b]} for name, _, c in found}
    costs = {name: s.seconds / sum(p.seconds for codec in Codec for p in c[codec]) for name, s, c in found}
    figures = [Figure(f"quality.search_cost.{name}", 100 * cost, "%") for name, cost in costs.items()]
    for comparison in COMPARED:
        for measure in MEASURES:
            values = [row[comparison][measure] for row in rows.values() if measure in row.get(comparison, {})]
            figures += [Figure(f"quality.{comparison}.{measure}", fmean(values), "%")] if values else []
    keep_table("quality", _table(rows, costs))
    print(_table(rows, costs))
    curves = {name: {k: [p.model_dump() for p in v] for k, v in c.items()} for name, _, c in found}
    ladders = {name: search.model_dump(mode="json") for name, search, _ in found}
    report("quality", figures, {"bd_rates": rows, "curves": curves, "searches": ladders, "at": time.time()})


def _table(rows: dict[str, dict[str, dict[str, float]]], costs: dict[str, float]) -> str:
    """Markdown: BD rate in per cent by VMAF / PSNR / SSIM."""
    lines = [f"| clip | {' | '.join(COMPARED)} | search cost |", "|---" * (len(COMPARED) + 2) + "|"]
    for name, row in rows.items():
        cells = [" / ".join(f"{row.get(c, {}).get(m, float('nan')):+.1f}" for m in MEASURES) for c in COMPARED]
        lines.append(f"| {name} | {' | '.join(cells)} | {100 * costs[name]:.1f} % |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
