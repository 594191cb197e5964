"""Do sound and picture stay together? Films of flashes and beeps at each frame rate, encoded, packaged, decoded again.

`python -m bench.sync` (`make bench-sync`). Of every beep the time against its flash is measured in the packaged
release, in each codec of sound: the offset is their mean, the drift the slope over the film.
"""

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import linear_regression, mean
from tempfile import TemporaryDirectory

import numpy as np

from bench.figures import Figure, report
from marquee.content.delivery.probe import probe_media
from marquee.content.media.audio import encode_audio
from marquee.content.media.encode import encode_chunk
from marquee.content.media.join import join_rendition
from marquee.content.media.made import made_by
from marquee.content.media.package.build import package
from marquee.content.media.package.check import check
from marquee.content.media.package.layout import audio_track, tracks, video_track
from marquee.content.media.plan import jobs, make_plan
from marquee.content.media.thumbnails import make_thumbnails
from marquee.contracts.delivery import AcceptedDelivery, StoredFile
from marquee.contracts.plan import AudioCodec, Codec, DrmScheme, EncodePlan, Rung
from marquee.contracts.title import TitleMetadata
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

RATES = ("24000/1001", "24", "25", "30000/1001", "50", "60000/1001")
RUNG = Rung(codec=Codec.H264, width=160, height=90, crf=24, maxrate_kbps=600, preset="ultrafast")
SAMPLE_RATE = 48_000
FIRST_FRAME = 7  # of the first flash; they come about once a second
BEEP_S = 0.02
QUIET_S = 0.3  # after which a beep is a new one


@dataclass(frozen=True)
class Sync:
    """Seconds by which each beep comes after its flash, and the second of the flash."""

    flashes: tuple[float, ...]
    offsets: tuple[float, ...]

    @property
    def offset_ms(self) -> float:
        return 1000 * mean(self.offsets)

    @property
    def worst_ms(self) -> float:
        return 1000 * max(map(abs, self.offsets))

    @property
    def drift_ppm(self) -> float:
        return 1e6 * linear_regression(self.flashes, self.offsets).slope


def film(folder: Path, rate: str, seconds: float) -> Path:
    """A white frame about every second, and a beep that starts with it. The sound is lossless."""
    every, at_s = round(Fraction(rate)), float(FIRST_FRAME / Fraction(rate))
    flash = f"drawbox=c=white:t=fill:enable='eq(mod(n,{every}),{FIRST_FRAME})'"
    picture = f"color=black:size=160x90:rate={rate}:duration={seconds},{flash}"
    beep = f"if(gte(t,{at_s})*lt(mod(t-{at_s},{float(every / Fraction(rate))}),{BEEP_S}),0.5*cos(2*PI*1000*t),0)"
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"aevalsrc='{beep}':s={SAMPLE_RATE}:d={seconds}"]
    path = folder / f"film-{rate.replace('/', '-')}.mp4"
    encoders = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-ac", "6", "-c:a", "flac"]
    run([ffmpeg(), "-v", "error", *inputs, *encoders, str(path)], timeout_s=120)
    return path


def carry(source: Path, folder: Path) -> tuple[EncodePlan, Path]:
    """A film through plan, encoding and packaging: the plan and the release's folder."""
    mezzanine, work = (Store(f"file://{folder / name}") for name in ("mezzanine", "work"))
    accepted = _accepted(source, mezzanine)
    plan = make_plan(accepted, {}, profile="premium", scheme=DrmScheme.NONE, slots=2, rungs=(RUNG,))
    codecs = {sound.codec: sound for sound in plan.audio}  # of each the one of most channels
    plan = plan.model_copy(update={"audio": tuple(codecs.values())})
    for job in jobs(plan):
        encode_chunk(plan, job, mezzanine, work, folder)
    join_rendition(plan, RUNG, work, folder)
    for sound in plan.audio:
        encode_audio(plan, sound, mezzanine, work, folder)
    sheets = make_thumbnails(plan, mezzanine, work, folder)
    release = package(plan, made_by(plan, work), folder, keys={}, thumbnails=sheets, default_language="en")
    check(release, plan, keys={}, thumbnails=sheets)
    return plan, release


def _accepted(source: Path, mezzanine: Store) -> AcceptedDelivery:
    media = probe_media(source)
    stored = StoredFile(name=source.name, key=f"{media.sha256}/{source.name}", sha256=media.sha256, size=media.size)
    mezzanine.put(stored.key, source)
    said = {"slug": "film", "media": source.name, "texts": {"en": {"title": "Film"}}, "year": 2026}
    metadata = TitleMetadata.model_validate(said)
    return AcceptedDelivery(fingerprint=media.sha256, metadata=metadata, media=media, source=stored, extras={})


def measure(plan: EncodePlan, release: Path) -> dict[str, Sync]:
    """By sound rendition: what a player hears and sees of the release."""
    for track in tracks(plan):
        parts = [release / track.folder / "init.mp4", *track.segments(release)]
        (release / f"{track.name}.mp4").write_bytes(b"".join(part.read_bytes() for part in parts))
    seen = flashes_s(release / f"{video_track(RUNG).name}.mp4")
    return {a.name: _sync(seen, beeps_s(release / f"{audio_track(a).name}.mp4")) for a in plan.audio}


def _sync(flashes: Sequence[float], beeps: Sequence[float]) -> Sync:
    offsets = tuple(beep - flash for flash, beep in zip(flashes, beeps, strict=True))
    return Sync(tuple(flashes), offsets)


def flashes_s(path: Path) -> list[float]:
    """Seconds at which a bright frame is shown."""
    shown = "signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-"
    said = run([ffmpeg(), "-v", "error", "-i", str(path), "-vf", shown, "-f", "null", "-"], timeout_s=120).stdout
    frames = re.findall(r"pts_time:(\S+)\s+lavfi.signalstats.YAVG=(\S+)", said.decode())
    return [float(time) for time, luma in frames if float(luma) > 128]


def beeps_s(path: Path) -> list[float]:
    """Seconds at which sound begins after quiet: where it first reaches a quarter of its peak."""
    heard = ["-af", "aresample=async=1:first_pts=0", "-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "f32le", "-"]
    # Without -copyts ffmpeg would count from Opus's pre-skip, which nobody hears.
    pcm = run([ffmpeg(), "-v", "error", "-copyts", "-i", str(path), *heard], timeout_s=120).stdout
    samples = np.abs(np.frombuffer(pcm, dtype="<f4"))
    loud = np.flatnonzero(samples > samples.max() / 4)
    first = np.concatenate([[True], np.diff(loud) > QUIET_S * SAMPLE_RATE])
    return [float(n) / SAMPLE_RATE for n in loud[first]]


def main() -> None:
    environment = os.environ.get
    parser = argparse.ArgumentParser(prog="bench.sync", description=__doc__)
    parser.add_argument("--seconds", type=float, default=float(environment("SECONDS_OF_FILM", "30")))
    parser.add_argument("--rates", nargs="+", default=list(RATES))
    arguments = parser.parse_args()
    found = {(rate, name): sync for rate in arguments.rates for name, sync in _of_rate(rate, arguments.seconds).items()}
    _print_report(found)


def _of_rate(rate: str, seconds: float) -> dict[str, Sync]:
    with TemporaryDirectory() as folder:
        return measure(*carry(film(Path(folder), rate, seconds), Path(folder)))


def _print_report(found: dict[tuple[str, str], Sync]) -> None:
    for (rate, name), sync in found.items():
        frames = sync.worst_ms / 1000 * float(Fraction(rate))
        measured = f"{sync.offset_ms:6.2f} ms, worst {frames:.3f} frames, {sync.drift_ppm:.0f} ppm"
        print(f"{rate:>10} {name:<18} {measured}")
    figures = [
        Figure(f"sync.worst_{codec}", max(s.worst_ms for (_, n), s in found.items() if f"-{codec}-" in n), "ms")
        for codec in AudioCodec
    ]
    figures.append(Figure("sync.drift", max(abs(s.drift_ppm) for s in found.values()), "ppm"))
    report("sync", figures, {"offsets_s": {f"{r} {n}": s.offsets for (r, n), s in found.items()}})


if __name__ == "__main__":
    main()
