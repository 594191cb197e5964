"""The encode stage against bare ffmpeg and Shaka Streamer: `make bench-encode`. The method is in docs/bench.md."""

import argparse
import logging
import math
import os
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench import bare_encode, pipeline_encode, shaka_encode, stack
from bench.bare_encode import Bare
from bench.figures import Figure, report, spread
from bench.pipeline_encode import Stage
from bench.shaka_encode import Peer
from marquee import logs
from marquee.demo import sample
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

LEAST_S = 60  # of the default clip


def main() -> None:
    logs.configure(level=logging.WARNING)
    arguments = _arguments()
    slots = os.cpu_count() or 1
    stages: list[Stage] = []
    bares: list[Bare] = []
    unscored: list[Bare] = []
    peers: list[Peer] = []
    with TemporaryDirectory(prefix="marquee-bench-") as name:
        scratch = Path(name)
        clip = arguments.clip.resolve() if arguments.clip else sample_clip(scratch)
        for _ in range(arguments.repeat):
            with TemporaryDirectory(dir=scratch, prefix="home-") as home:
                with stack.running(Path(home)) as platform:
                    stages.append(pipeline_encode.encode(platform, clip, arguments.ladder))
                bare = _floor(stages[-1], Store(platform.settings.mezzanine), slots, scratch)
                bares.append(bare())
                unscored.append(bare(scored=False))
                rates = {name: found.bitrate_avg for name, found in stages[-1].measures.items()}
                plan, first = stages[-1].plan, not peers
                peers.append(shaka_encode.encode(plan, rates, clip, scratch, slots=slots, score=first))
                bares.append(bare())
    _print_report(clip, arguments.ladder, slots, stages, bares, unscored, peers)


def _arguments() -> argparse.Namespace:
    environment = os.environ.get
    parser = argparse.ArgumentParser(prog="bench.encode", description=__doc__)
    parser.add_argument("--clip", type=Path, default=environment("CLIP"), help="a film; by default the sample, looped")
    parser.add_argument("--repeat", type=int, default=int(environment("REPEAT", "1")), help="bare ffmpeg runs twice")
    parser.add_argument("--ladder", default=environment("LADDER", "standard"), help="an encoding profile")
    return parser.parse_args()


def sample_clip(folder: Path) -> Path:
    """The product's sample film, played as often as makes a minute, on one even time line across the seams."""
    slug, looped = sample.deliver(folder), folder / "clip.mp4"
    film = folder / slug / f"{slug}.mp4"
    run(loop_command(film, math.ceil(LEAST_S / sample.SECONDS) - 1, looped), timeout_s=600)
    return looped


def loop_command(film: Path, again: int, output: Path) -> list[str]:
    """ffmpeg's arguments to play a film so many times more. Copied packets would leave a gap of sound at each seam."""
    return [
        *[ffmpeg(), "-v", "error", "-stream_loop", str(again), "-i", str(film)],
        *["-vf", f"setpts=N/{sample.RATE}/TB", "-af", "asetpts=N/SR/TB"],
        *["-c:v", "libx264", "-preset", "veryfast", "-crf", "12", "-c:a", "aac", "-b:a", "256k", str(output)],
    ]


def _floor(stage: Stage, mezzanine: Store, slots: int, scratch: Path) -> Callable[..., Bare]:
    jobs = [task.job for task in stage.tasks]
    return partial(bare_encode.encode, stage.plan, jobs, mezzanine, slots, scratch)


def _print_report(
    clip: Path,
    ladder: str,
    slots: int,
    stages: list[Stage],
    bares: list[Bare],
    unscored: list[Bare],
    peers: list[Peer],
) -> None:
    plan = stages[0].plan
    chunks, rungs = len(plan.chunks), len(plan.rungs)
    print(f"{clip.name}: {plan.duration_s:.0f} s, {plan.picture.width}x{plan.picture.height}; {ladder}: {rungs} rungs")
    print(f"{rungs} x {chunks} chunks and {len(stages[0].tasks) - rungs * chunks} tracks on {slots} slots")
    for rung in plan.rungs:
        ours, rate, vmaf = stages[0].measures[rung.name], peers[0].rates[rung.name], peers[0].vmaf.get(rung.name)
        scored = "not comparable: other frames" if vmaf is None else f"{vmaf:.1f}"
        print(
            f"rendition {rung.name}: {ours.bitrate_avg / 1000:.0f} kb/s, VMAF {ours.measure.vmaf_mean:.1f}; "
            f"shaka-streamer {rate / 1000:.0f} kb/s, VMAF {scored}"
        )
    for stage in stages:
        uses = ", ".join(f"{use} {seconds:.1f}" for use, seconds in stage.uses(slots).items())
        print(f"the pipeline's {slots * stage.wall_s:.1f} slot-seconds: {uses}")
    for bare in bares:
        print(f"the bare {slots * bare.wall_s:.1f} slot-seconds: encoding and scoring {bare.encoding_s:.1f}")
    scoring_s = median(bare.wall_s for bare in bares) - median(bare.wall_s for bare in unscored)
    walls = {
        "pipeline": [stage.wall_s for stage in stages],
        "pipeline_unscored": [stage.wall_s - scoring_s for stage in stages],
        "bare": [bare.wall_s for bare in bares],
        "bare_unscored": [bare.wall_s for bare in unscored],
        "shaka_streamer": [peer.wall_s for peer in peers],
    }
    for name, seconds in walls.items():
        print(f"{name}: {spread(seconds)} s")
    middle = {name: median(seconds) for name, seconds in walls.items()}
    figures = [Figure(f"encode.{name}_wall", value, "s") for name, value in middle.items()]
    against = {"bare": "pipeline", "shaka_streamer": "pipeline_unscored"}  # which scores nothing
    figures += [Figure(f"encode.wall_vs_{peer}", middle[own] / middle[peer], "ratio") for peer, own in against.items()]
    report("encode", figures, _details(ladder, slots, walls, stages, bares, peers))


def _details(
    ladder: str, slots: int, walls: dict[str, list[float]], stages: list[Stage], bares: list[Bare], peers: list[Peer]
) -> dict[str, object]:
    return {
        "ladder": ladder,
        "slots": slots,
        "duration_s": stages[0].plan.duration_s,
        "walls_s": walls,
        "pipeline": [
            {
                "slot_seconds": stage.uses(slots),
                "tasks": [asdict(t) | {"job": t.job.name} for t in stage.tasks],
                "renditions": [m.model_dump() for m in stage.measures.values()],
            }
            for stage in stages
        ],
        "bare": [asdict(bare) for bare in bares],
        "shaka_streamer": [asdict(peer) for peer in peers],
    }


if __name__ == "__main__":
    main()
