"""The forensic watermark: what it costs, and what a capture tells: `make bench-watermark`. The method is in
docs/bench.md."""

import argparse
import logging
import os
from pathlib import Path

from bench import watermark_captures as captures
from bench import watermark_lengths as lengths
from bench.figures import Figure, report
from bench.watermark_reel import Cost, costs, make_reel
from marquee import logs
from marquee.content.media.watermark import score
from marquee.content.media.watermark.reader import Readings
from marquee.content.media.watermark.score import Suspect

MEDIA = Path(__file__).resolve().parents[2] / "shared/media"
CLIPS = ("cockatoo-720p-20fps-noaudio.mp4", "bikes-scope-noaudio.mp4", "popeye-480-2997-vobsub.mkv")
HOME = Path(os.environ.get("TMPDIR", "/tmp")) / "marquee-bench-watermark"  # noqa: S108 (what is there is reused)


def main() -> None:
    logs.configure(level=logging.WARNING)
    arguments = _arguments()
    arguments.home.mkdir(parents=True, exist_ok=True)
    reel = make_reel(arguments.clips, arguments.home, arguments.seconds)
    cost = costs(reel)
    for each in cost:
        print(f"{each.clip}: bits {each.bits:+.2%}, VMAF {each.vmaf:+.2f} ({each.segments} segments)")
    read = {name: captures.readings(reel, name) for name in captures.KINDS}
    best = {name: captures.best_of(found) for name, found in read.items()}
    for name, found in read.items():
        print(_told(name, found, best[name]))
    single, mixed = read["one"], read["averaged"]
    shown = lengths.Shown.of(single, mixed)
    print(f"lengths at which they are named, by {lengths.TRIALS} trials each, among {captures.SESSIONS} sessions:")
    needed = {how: lengths.needed(shown, how, reel.segment_s) for how in lengths.MIXES}
    for how, seconds in needed.items():
        print(f"  {how}: {seconds:.0f} s")
    false = lengths.false_alarms(shown)
    report(
        "watermark", [*_figures(cost, single, best["one"]), *_of_lengths(needed, false)], _details(cost, read, needed)
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.watermark", description=__doc__)
    parser.add_argument("--clips", type=Path, nargs="+", default=[MEDIA / name for name in CLIPS])
    parser.add_argument("--seconds", type=float, default=64, help="of each clip at most")
    parser.add_argument("--home", type=Path, default=HOME, help="what is made lies here, and is not made again")
    return parser.parse_args()


def _told(name: str, found: Readings, best: Suspect) -> str:
    wrong, read = captures.errors(found), len(captures.counted(found))
    return (
        f"capture {name}: {read} of {len(found.segments)} segments read, {wrong} wrong; "
        f"best session {best.session_id}, chance of an innocent {best.chance:.1e} among {captures.SESSIONS} sessions"
    )


def _figures(cost: list[Cost], single: Readings, best: Suspect) -> list[Figure]:
    return [
        Figure("watermark.bits", 100 * max(each.bits for each in cost), "percent"),
        Figure("watermark.vmaf", min(each.vmaf for each in cost), "points"),
        Figure("watermark.segments_shown", len(single.segments), "segments"),
        Figure("watermark.segments_read", len(captures.counted(single)), "segments"),
        Figure("watermark.segments_wrong", captures.errors(single), "segments"),
        Figure("watermark.right_session", float(best.session_id == captures.ONE), "bool"),
        Figure("watermark.chance_of_innocent", best.chance, "probability"),
    ]


def _of_lengths(needed: dict[str, float], false: int) -> list[Figure]:
    named = [Figure(f"watermark.seconds_{how}", seconds, "s") for how, seconds in needed.items()]
    return [*named, Figure("watermark.false_alarms", false, f"in_{lengths.FALSE_TRIALS}")]


def _details(cost: list[Cost], read: dict[str, Readings], needed: dict[str, float]) -> dict[str, object]:
    return {
        "clips": [each._asdict() for each in cost],
        "readings": {name: found.model_dump() for name, found in read.items()},
        "seconds": needed,
        "bound": f"union over {captures.SESSIONS} sessions of Chernoff's, below {score.FALSE_ALARM}",
    }


if __name__ == "__main__":
    main()
