"""Plants defects of every kind, runs QC, and counts: `make bench-defects`. The method is in docs/bench.md."""

import argparse
import json
import logging
import os
import resource
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bench.defects import kinds, texts
from bench.defects.films import films
from bench.defects.judging import Case, figures, judged, table
from bench.defects.making import make
from bench.figures import RESULTS, Figure, keep_table, report
from marquee import logs
from marquee.content.delivery.probe import probe_media
from marquee.content.media import qc
from marquee.contracts.qc import QcReport
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

KEPT = RESULTS / "defects.jsonl"
PROFILE = "ebu-r128"
CODINGS = {  # clean films are real clips, whole, as they are and as other encoders leave them
    "as it is": None,
    "H.264 at 1 Mb/s": ("-vf", "scale=-2:480", "-c:v", "libx264", "-preset", "veryfast", "-b:v", "1M"),
    "MPEG-2": ("-vf", "scale=-2:480", "-c:v", "mpeg2video", "-q:v", "4", "-bf", "2"),
    "H.264 with noise": ("-vf", "scale=-2:360,noise=alls=6:allf=t", "-c:v", "libx264", "-preset", "veryfast"),
    "HEVC": ("-vf", "scale=-2:360", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"),
}


def main() -> None:
    logs.configure(level=logging.ERROR)
    arguments = _arguments()
    if arguments.fresh:
        KEPT.unlink(missing_ok=True)
    RESULTS.mkdir(exist_ok=True)
    done = {case.name: case for case in _kept()}
    wanted = [name for name in _names(arguments) if arguments.only in name]
    started = time.monotonic()
    for number, name in enumerate(wanted, start=1):
        if name not in done:
            done[name] = _run(name, arguments.media)
            with KEPT.open("a") as file:
                file.write(done[name].line() + "\n")
        word = done[name].word()
        print(f"{number:>3}/{len(wanted)}  {time.monotonic() - started:6.0f} s  {name:<40} {word}", flush=True)
    cases = [done[name] for name in wanted]
    keep_table("defects", table(cases))
    print("\n" + table(cases) + "\n")
    cost = _cost(arguments.media)
    report("defects", [*figures(cases), *cost], {"cases": [json.loads(case.line()) for case in cases]})


def _arguments() -> argparse.Namespace:
    environment = os.environ.get
    media, again = Path(environment("MEDIA", "../shared/media")), bool(environment("FRESH"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path, default=media, help="real clips, see docs/bench.md")
    parser.add_argument("--seeds", type=int, default=int(environment("SEEDS", "2")), help="defects of each kind")
    parser.add_argument("--only", default=environment("ONLY", ""), help="cases whose name holds this")
    parser.add_argument("--fresh", action="store_true", default=again, help="forget what was run before")
    return parser.parse_args()


def _names(arguments: argparse.Namespace) -> Iterator[str]:
    for seed in range(1, arguments.seeds + 1):
        yield from (f"{kind} {seed}" for kind in (*kinds.KINDS, *texts.KINDS))
    for clip in sorted(arguments.media.glob("*.m[pk][4v]")):
        if "one-frame" not in clip.name:
            yield from (f"clean {clip.stem}: {coding}" for coding in CODINGS)


def _kept() -> list[Case]:
    """What was run before; a line that a kill has cut off is run again."""
    lines = KEPT.read_text().splitlines() if KEPT.exists() else []
    return [case for line in lines if (case := Case.read(line))]


def _run(name: str, media: Path) -> Case:
    if name.startswith("clean "):
        return _clean(name, media)
    kind, _, seed = name.rpartition(" ")
    rng = Random(f"{kind} {seed}")
    if kind in texts.KINDS:
        return _text(name, kind, rng)
    film = kinds.chosen(kinds.KINDS[kind], films(media, rng), rng)
    plant = kinds.KINDS[kind](rng, film)
    with TemporaryDirectory(prefix="marquee-bench-") as folder:
        path = Path(folder) / ("film.mp4" if plant.packet_s is not None else "film.mkv")
        found = _checked(make(film, plant, path, seed=rng.randrange(1 << 30)))
    return judged(name, kind, film.name, plant.checks, plant.start_s, plant.end_s, found)


def _text(name: str, kind: str, rng: Random) -> Case:
    plant, check = texts.KINDS[kind]
    cues, language, at = plant(rng)
    start_s, end_s = at or (None, None)
    found = qc.judge_captions({"film.srt": texts.file(cues, language)}, texts.PROGRAMME_S, PROFILE)
    return judged(name, kind, "captions", (check,), start_s, end_s, found)


def _clean(name: str, media: Path) -> Case:
    stem, _, coding = name.removeprefix("clean ").partition(": ")
    source = next(media.glob(f"{stem}.*"))
    with TemporaryDirectory(prefix="marquee-bench-") as folder:
        path = source
        if arguments := CODINGS[coding]:
            path = Path(folder) / "film.mkv"
            made = [ffmpeg(), "-v", "error", "-nostdin", "-threads", "1", "-i", str(source), "-map", "0:v", "-map"]
            run([*made, "0:a?", *arguments, "-c:a", "aac", "-sn", str(path)], timeout_s=1800)
        found = _checked(path)
    return judged(name, "clean", stem, (), None, None, found)


def _checked(path: Path) -> QcReport:
    return qc.check(path, probe_media(path), PROFILE, silent=True)


def _cost(media: Path) -> list[Figure]:
    """CPU time of QC's measuring over that of decoding alone."""
    found = []
    for name in ("popeye-1080-hevc-pgs.mkv", "cockatoo-720p-20fps-noaudio.mp4"):
        path = media / name
        info = probe_media(path)
        bare = [ffmpeg(), "-v", "error", "-nostdin", "-i", str(path), "-map", "0:v", "-f", "null", "-"]
        decode_s = _cpu(partial(run, bare, timeout_s=600))
        qc_s = _cpu(partial(qc.measure, path, info, lambda _: None))
        found.append(Figure(f"defects.qc_vs_decode_{name.partition('-')[0]}", qc_s / decode_s, "ratio"))
    return found


def _cpu(work: Callable[[], object]) -> float:
    """Seconds of processor time of this process and those it starts."""

    def used() -> float:
        both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(each.ru_utime + each.ru_stime for each in both)

    before = used()
    work()
    return used() - before


if __name__ == "__main__":
    main()
