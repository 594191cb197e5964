"""Clean clips with grain added, whose strength and whose picture below it are known."""

from pathlib import Path

from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

SOFT, LEFT = 0.7, 0.48  # grain of film is a few pixels wide: noise blurred by so many, and what is left of its strength
LOSSLESS = ("-c:v", "libx264", "-preset", "veryfast", "-qp", "0", "-pix_fmt", "yuv420p")
TIMEOUT_S = 600


def cut(source: Path, seconds: float, lines: int, output: Path) -> None:
    """So many seconds of a clip's picture, from its first, so high, lossless."""
    _make(["-i", str(source), "-t", f"{seconds}"], ["-vf", f"scale=-2:{lines}:flags=bicubic"], output)


def grained(clean: Path, sigma: float, output: Path) -> None:
    """The clip with grain of that standard deviation in luma (steps of 8 bits), new in each frame."""
    strength = round(sigma / LEFT * 12**0.5)  # noise is even between both sides of zero, this far apart
    graph = (
        f"[0:v]split[a][b];[b]geq=lum=128:cb=128:cr=128,noise=c0s={strength}:c0f=t+u:c0_seed=1,"
        f"gblur=sigma={SOFT}:planes=1[g];[a][g]blend=all_mode=grainmerge"
    )
    _make(["-i", str(clean)], ["-filter_complex", graph], output)


def _make(source: list[str], filters: list[str], output: Path) -> None:
    if output.exists():
        return
    part = output.with_suffix(".part.mp4")
    argv = [ffmpeg(), "-v", "error", "-nostdin", "-y", *source, *filters, "-an", *LOSSLESS]
    run([*argv, str(part)], timeout_s=TIMEOUT_S)
    part.replace(output)
