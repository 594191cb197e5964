"""What an encode of a grainy clip shows: the picture under the grain, and the grain."""

import json
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import numpy as np

from bench.quality.clips import Clip
from marquee.content.media import grain
from marquee.content.media.encode import chunk_key, encode_chunk
from marquee.content.media.keys import content_key
from marquee.content.media.packets import read_packets
from marquee.contracts.base import Contract
from marquee.contracts.plan import ChunkJob, Rung
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

# Both pictures lose what grain they have before they are compared, by the same filter: spatial and temporal.
DENOISED = "hqdn3d=4:3:6:4"
WITHOUT_GRAIN = ("-export_side_data", "film_grain")  # the decoder leaves it to the player
NUMBERED = "settb=1/25,setpts=N"  # equal frames meet
TIMEOUT_S = 600
FRAMES = 12  # that are looked at for grain


class Seen(Contract):
    """Kb/s; VMAF against the grainy clip as it is shown; VMAF of the picture under the grain against the clean clip;
    the standard deviation of the grain that is shown."""

    kbps: float
    shown: float
    under: float
    sigma: float


def seen(clean: Path, taken: Clip, rung: Rung, work: Store) -> Seen:
    """One encode of the grainy clip, as the pipeline makes it; what was made before is found."""
    plan = taken.draft.model_copy(update={"rungs": (rung,)})
    key = content_key("grain", plan, chunk_key(plan, rung, plan.chunks[0]), DENOISED, suffix=".json")
    if not work.exists(key):
        with TemporaryDirectory(prefix="marquee-bench-") as folder:
            job = ChunkJob(plan="", rung=0, chunk=0, name=rung.label)
            encode_chunk(plan, job, taken.mezzanine, work, Path(folder))
            encoded = work.fetch(chunk_key(plan, rung, plan.chunks[0]))
            size = sum(read_packets(encoded).sizes)
            found = Seen(
                kbps=size * 8 / plan.duration_s / 1000,
                shown=_vmaf([], encoded, taken.mezzanine.fetch(plan.mezzanine_key), "null", Path(folder)),
                under=_vmaf([*WITHOUT_GRAIN], encoded, clean, DENOISED, Path(folder)),
                sigma=grain.noise(luma(encoded, plan.picture.width, plan.picture.height)),
            )
        work.write(key, found.model_dump_json().encode())
    return Seen.model_validate_json(work.read(key))


def luma(path: Path, width: int, height: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """The first frames' luma (frames, height, width)."""
    argv = [ffmpeg(), "-v", "error", "-i", str(path), "-frames:v", f"{FRAMES}", "-vf", "extractplanes=y"]
    done = run([*argv, "-f", "rawvideo", "-"], timeout_s=TIMEOUT_S)
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width)


def _vmaf(decoding: list[str], encoded: Path, reference: Path, alike: str, folder: Path) -> float:
    inputs = f"[0:v]{alike},{NUMBERED}[d];[1:v]{alike},{NUMBERED}[r]"
    graph = f"{inputs};[d][r]libvmaf=log_fmt=json:log_path=v.json:n_subsample=2"
    argv = [ffmpeg(), "-v", "error", *decoding, "-i", str(encoded), "-i", str(reference), "-lavfi", graph]
    run([*argv, "-f", "null", "-"], timeout_s=TIMEOUT_S, cwd=folder)
    return fmean(frame["metrics"]["vmaf"] for frame in json.loads((folder / "v.json").read_text())["frames"])
