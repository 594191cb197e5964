"""AV1 with grain that is coded against grain that is synthesised: `make bench-grain`.

Grain of known strength is added to clean clips. The method is in docs/bench.md.
"""

import argparse
import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import bjontegaard  # type: ignore[import-untyped]

from bench.figures import RESULTS, keep_table
from bench.grain import clips
from bench.grain.measured import Seen, seen
from bench.quality.clips import clip
from marquee import logs
from marquee.content.media.ladder import profile
from marquee.contracts.plan import Codec, Rung
from marquee.storage import Store

CRFS = (26, 36, 46, 56)
SIGMAS = (2.0, 4.0, 8.0)
LEVELS = (0, 4, 8, 16, 32)
UNCAPPED_KBPS = 60_000


def main() -> None:
    logs.configure(level=logging.WARNING)
    arguments = _arguments()
    folder = (arguments.work or RESULTS / "grain").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row for path in arguments.clips for row in _clip(path.resolve(), folder, arguments)]
    table = ["| clip | grain | level | BD rate under it | BD rate as shown | grain shown, % |", "|---" * 6 + "|"]
    table += [f"| {' | '.join(row)} |" for row in rows]
    keep_table("grain", "\n".join(table))
    print("\n".join(table))


def _arguments() -> argparse.Namespace:
    found = [Path(each) for each in os.environ.get("CLIPS", "").split()]
    parser = argparse.ArgumentParser(prog="bench.grain", description=__doc__)
    parser.add_argument("--clips", type=Path, nargs="+", default=found, required=not found, help="without grain")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each, from its first")
    parser.add_argument("--lines", type=int, default=540, help="to which each is scaled")
    parser.add_argument("--sigmas", type=float, nargs="+", default=SIGMAS, help="of the grain that is added")
    parser.add_argument("--levels", type=int, nargs="+", default=LEVELS, help="of SVT-AV1's film-grain")
    parser.add_argument("--preset", default=profile("premium").searches[Codec.AV1].preset)
    parser.add_argument("--work", type=Path, help="folder of what is made, and found again; below bench/results")
    return parser.parse_args()


def _clip(path: Path, folder: Path, arguments: argparse.Namespace) -> Iterator[list[str]]:
    clean = folder / f"{path.stem}-{arguments.lines}.mp4"
    clips.cut(path, arguments.seconds, arguments.lines, clean)
    for sigma in arguments.sigmas:
        grainy = folder / f"{clean.stem}-{sigma:g}.mp4"
        clips.grained(clean, sigma, grainy)
        curves = {level: _curve(clean, grainy, level, arguments.preset, folder) for level in arguments.levels}
        for level, points in curves.items():
            under, shown = (_bd_rate(curves[arguments.levels[0]], points, field) for field in ("under", "shown"))
            kept = " ".join(f"{100 * each.sigma / sigma:.0f}" for each in points)
            yield [path.stem, f"{sigma:g}", str(level), f"{under:+.1f}", f"{shown:+.1f}", kept]


def _curve(clean: Path, grainy: Path, level: int, preset: str, folder: Path) -> list[Seen]:
    taken, work = clip(grainy, None), Store(f"file://{folder}")
    picture = taken.draft.picture
    found = []
    for crf in CRFS:
        rung = Rung(
            codec=Codec.AV1,
            width=picture.width,
            height=picture.height,
            crf=crf,
            maxrate_kbps=UNCAPPED_KBPS,
            preset=preset,
            options=f"film-grain={level}:film-grain-denoise=1" if level else "",
        )
        found.append(seen(clean, taken, rung, work))
        print(f"{grainy.stem} level {level} crf {crf}: {found[-1]}", flush=True)
    return found


def _bd_rate(anchor: Sequence[Seen], test: Sequence[Seen], field: str) -> float:
    (rates, scores), (others, their) = (
        zip(*sorted((each.kbps, getattr(each, field)) for each in points), strict=True) for points in (anchor, test)
    )
    asked = {"method": "pchip", "require_matching_points": False, "min_overlap": 0}
    return float(bjontegaard.bd_rate(rates, scores, others, their, **asked))


if __name__ == "__main__":
    main()
