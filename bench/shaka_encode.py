"""Peer of the encode stage: Shaka Streamer makes the same ladder at the bitrates that ours came to."""

import json
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import yaml

from marquee.content.media.encode import time_limit
from marquee.content.media.packets import read_packets
from marquee.content.media.vmaf import vmaf_command
from marquee.contracts.errors import ToolFailed
from marquee.contracts.plan import Chunk, Codec, EncodePlan, Rung
from marquee.tools.process import run

PROGRAM = Path(sys.executable).with_name("shaka-streamer")
TIMEOUT_S = 6 * 3600
LARGEST = 16_384
Rates = Mapping[str, int]  # rung's name to bit/s


@dataclass(frozen=True)
class Peer:
    """Wall seconds with packaging; what each rendition came to: bit/s, and mean VMAF where it was asked for.

    A rendition with another number of frames than the programme has no score: its frames do not meet the reference's.
    """

    wall_s: float
    rates: dict[str, int]
    vmaf: dict[str, float]


def encode(plan: EncodePlan, rates: Rates, clip: Path, scratch: Path, *, slots: int, score: bool) -> Peer:
    """Encode and package the plan's ladder in the clear.

    One run of it makes every resolution in every codec, so each codec gets a run, at the same time, the first one
    with the audio. Raises ToolFailed.
    """
    with TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        codecs = [(c, list(r)) for c, r in groupby(sorted(plan.rungs, key=lambda r: r.codec), key=lambda r: r.codec)]
        commands = [
            _command(folder, plan, codec, rungs, rates, clip, sound=codec == codecs[0][0]) for codec, rungs in codecs
        ]
        with ThreadPoolExecutor(len(commands)) as pool:
            start = time.monotonic()
            said = list(pool.map(lambda argv: run(argv, timeout_s=TIMEOUT_S, cwd=folder).stdout.decode(), commands))
            wall_s = time.monotonic() - start
        made = {rung.name: _made(folder / rung.codec, rung, said) for rung in plan.rungs}
        packets = {name: read_packets(path) for name, path in made.items()}
        whole = [r for r in plan.rungs if score and len(packets[r.name].stamps) == plan.picture.frames]
        with ThreadPoolExecutor(slots) as pool:
            vmaf = dict(pool.map(lambda r: (r.name, _vmaf(plan, r, clip, made[r.name])), whole))
    return Peer(wall_s, {name: round(sum(p.sizes) * 8 / plan.duration_s) for name, p in packets.items()}, vmaf)


def _command(
    folder: Path, plan: EncodePlan, codec: Codec, rungs: list[Rung], rates: Rates, clip: Path, *, sound: bool
) -> list[str]:
    """Its three configuration files, and the arguments that name them."""
    inputs = [{"name": str(clip), "media_type": "video"}]
    if sound and plan.audio:
        inputs.append({"name": str(clip), "media_type": "audio", "language": plan.audio[0].language})
    pipeline = {
        "streaming_mode": "vod",
        "quiet": True,
        "resolutions": [rung.name for rung in rungs],
        "channel_layouts": ["stereo"],
        "audio_codecs": ["aac"],
        "video_codecs": [str(codec)],
        "manifest_format": ["dash", "hls"],
        "segment_size": round(plan.grid.segment_s),
        "segment_per_file": False,
    }
    sizes = {
        rung.name: {
            "max_width": rung.width,
            "max_height": rung.height,
            "bitrates": {str(codec): f"{round(rates[rung.name] / 1000)}k"},
        }
        for rung in rungs
    }
    sizes["source"] = {"max_width": LARGEST, "max_height": LARGEST, "bitrates": {}}  # it wants a place for the input
    argv = [str(PROGRAM), "-o", str(folder / codec)]
    documents = {"-i": {"inputs": inputs}, "-p": pipeline, "-b": {"video_resolutions": sizes}}
    for switch, document in documents.items():
        path = folder / f"{codec}{switch}.yaml"
        path.write_text(yaml.safe_dump(document))
        argv += [switch, str(path)]
    return argv


def _made(folder: Path, rung: Rung, said: list[str]) -> Path:
    """A rendition's file. A configuration that it does not take ends with status 0 and no file."""
    found = next(folder.glob(f"video_{rung.name}_*.mp4"), None)
    if found is None:
        raise ToolFailed(f"made no rendition: {' '.join(said)[-2000:]}", where=f"{PROGRAM.name}, {rung.name}")
    return found


def _vmaf(plan: EncodePlan, rung: Rung, clip: Path, encoded: Path) -> float:
    """Mean VMAF of the whole rendition, measured as the platform measures its own."""
    whole = Chunk(index=0, first_frame=0, frames=plan.picture.frames)
    with TemporaryDirectory(dir=encoded.parent) as name:
        run(
            vmaf_command(plan.model_copy(update={"vmaf_between": 0}), rung, whole, clip, encoded),
            timeout_s=time_limit(whole.frames),
            cwd=Path(name),
        )
        frames = json.loads((Path(name) / "vmaf.json").read_text())["frames"]
    return fmean(frame["metrics"]["vmaf"] for frame in frames)
