"""Grain is told from texture and movement, and its strength is right; AV1 synthesises it where it is asked to."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from marquee.content.media import grain
from marquee.content.media.encode import chunk_key, encode_chunk
from marquee.content.media.hull.synthesis import Grain, with_grain
from marquee.content.media.ladder import profile
from marquee.contracts.plan import Chunk, ChunkJob, Codec, EncodePlan, Rung
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

SIZE = 256, 384
GRAINY = "nullsrc=size=320x192:rate=25:duration=1,geq=lum=100+X/16:cb=128:cr=128,noise=c0s=14:c0f=t+u"
RUNG = Rung(codec=Codec.AV1, width=320, height=192, crf=20, maxrate_kbps=9000, preset="10")
SEARCH = profile("premium").searches[Codec.AV1].model_copy(update={"grain_from": 2.0})


def film(sigma: float, *, texture: float = 0.0, pan: int = 0, count: int = 3) -> grain.Frames:
    """A slope of grey with noise that is new in each frame, texture that is not, moved by so many pixels a frame."""
    random = np.random.default_rng(1)
    wall = np.add.outer(np.linspace(60, 180, SIZE[0]), np.linspace(0, 30, SIZE[1])) + random.normal(0, texture, SIZE)
    moved = np.stack([np.roll(wall, n * pan, axis=1) for n in range(count)])
    noisy = moved + random.normal(0, sigma, moved.shape) if sigma else moved
    return np.clip(noisy, 0, 255).round().astype(np.uint8)


@pytest.mark.parametrize("sigma", [1, 2, 4, 8])
def test_the_strength_of_noise_is_found(sigma: float) -> None:
    assert grain.noise(film(sigma)) == pytest.approx(sigma, rel=0.05)


def test_texture_that_stays_is_no_grain() -> None:
    assert grain.noise(film(2, texture=20)) == pytest.approx(2, rel=0.1)
    assert grain.noise(film(0, texture=20)) == 0


def test_a_moving_wall_without_texture_has_none() -> None:
    assert grain.noise(film(0, pan=3)) < 0.5
    assert grain.noise(film(3, pan=3)) == pytest.approx(3, rel=0.1)


def test_black_and_white_say_nothing() -> None:
    assert grain.noise(np.zeros((3, *SIZE), np.uint8)) == 0
    noise = np.random.default_rng(2).integers(0, 20, (3, *SIZE)).astype(np.uint8)
    assert grain.noise(noise) == 0


@pytest.fixture(scope="module")
def grainy(plan_of: Callable[..., EncodePlan], make_clip: Callable[..., Path]) -> EncodePlan:
    clip = make_clip("grainy.mp4", seconds=1, size="320x192", video=GRAINY, audio=False, extra=("-qp", "0"))
    return plan_of(clip).model_copy(update={"rungs": (RUNG,)})


def test_a_film_is_measured(grainy: EncodePlan, mezzanine: Store, scratch: Path) -> None:
    stretches = [Chunk(index=n, first_frame=8 * n, frames=8) for n in range(2)]
    found = grain.measure(grainy, stretches, mezzanine, scratch)
    assert found == pytest.approx(14 / 12**0.5, rel=0.1)


def test_only_grain_that_is_left_at_a_size_is_synthesised() -> None:
    def options(noise: float, width: int) -> str:
        return with_grain(RUNG.model_copy(update={"width": width}), SEARCH, Grain(noise, 1920)).options

    assert options(1.9, 1920) == options(3.8, 940) == ""
    assert "film-grain=" in options(2.1, 1920)
    levels = [int(re.findall(r"film-grain=(\d+)", options(6.5, width))[0]) for width in (1920, 960, 640)]
    assert levels == sorted(set(levels), reverse=True)
    never = SEARCH.model_copy(update={"grain_from": None})
    assert with_grain(RUNG, never, Grain(9, 320)) == RUNG


def test_the_sequence_header_says_that_grain_is_synthesised(
    grainy: EncodePlan, mezzanine: Store, scratch: Path
) -> None:
    """Read by ffmpeg's own parser of the bitstream; what is shown has the grain's strength, what is coded has not."""
    coded, made = (_encoded(grainy, rung, mezzanine, scratch) for rung in (RUNG, _with_grain()))
    assert (_film_grain_present(coded), _film_grain_present(made)) == ("0", "1")
    assert made.stat().st_size < coded.stat().st_size
    shown, under = (grain.noise(_luma(made, *options)) for options in ((), ("-export_side_data", "film_grain")))
    assert shown == pytest.approx(14 / 12**0.5, rel=0.3)
    assert under < shown / 2


def _with_grain() -> Rung:
    return with_grain(RUNG, SEARCH, Grain(14 / 12**0.5, RUNG.width))


def _encoded(plan: EncodePlan, rung: Rung, mezzanine: Store, scratch: Path) -> Path:
    made, work = plan.model_copy(update={"rungs": (rung,)}), Store(f"file://{scratch / 'work'}")
    encode_chunk(made, ChunkJob(plan="", rung=0, chunk=0, name="grain"), mezzanine, work, scratch)
    return work.fetch(chunk_key(made, rung, made.chunks[0]))


def _film_grain_present(path: Path) -> str:
    lines: list[str] = []
    argv = [ffmpeg(), "-nostdin", "-v", "trace", "-i", str(path), "-c", "copy", "-bsf:v", "trace_headers"]
    run([*argv, "-f", "null", "-"], timeout_s=60, on_error_line=lines.append)
    return next(line.split("=")[-1].strip() for line in lines if "film_grain_params_present" in line)


def _luma(path: Path, *options: str) -> grain.Frames:
    argv = [ffmpeg(), "-nostdin", "-v", "error", *options, "-i", str(path), "-vf", "extractplanes=y"]
    done = run([*argv, "-f", "rawvideo", "-"], timeout_s=60)
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, RUNG.height, RUNG.width)
