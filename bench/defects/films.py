"""The films that defects are planted into: parts of real clips and of generated pictures, with a sound of noise."""

from dataclasses import dataclass
from pathlib import Path
from random import Random

SECONDS = 14
SIZE = (640, 360)
FIT = "scale={0}:{1}:force_original_aspect_ratio=increase,crop={0}:{1},setsar=1,format=yuv420p".format(*SIZE)


@dataclass(frozen=True)
class Film:
    """A moving picture as ffmpeg's input, of SECONDS at `rate`; `moves` says that no two frames are alike."""

    name: str
    source: tuple[str, ...]
    rate: str
    seconds: float = SECONDS
    moves: bool = True
    shape: str = FIT

    @property
    def frames_per_s(self) -> float:
        top, _, bottom = self.rate.partition("/")
        return int(top) / int(bottom or 1)


def films(media: Path, rng: Random) -> list[Film]:
    """All of them; parts of long clips begin at a random second."""
    at = ("-ss", f"{rng.uniform(0, 45):.2f}")
    real = [
        Film("bikes", ("-i", str(media / "bikes-scope-noaudio.mp4")), "25", seconds=10),
        Film("cockatoo", ("-i", str(media / "cockatoo-720p-20fps-noaudio.mp4")), "20", seconds=13.9),
        Film("popeye 24", (*at, "-i", str(media / "popeye-1080-hevc-pgs.mkv")), "24", moves=False),
        Film("popeye 29.97", (*at, "-i", str(media / "popeye-480-2997-vobsub.mkv")), "30000/1001", moves=False),
    ]
    held = f"trim=start_frame=1:end_frame=2,{FIT},loop=-1:1,settb=AVTB,setpts=N/25/TB,fps=25,scroll=horizontal=0.006"
    pan = Film("a pan", (*at, "-i", str(media / "popeye-1080-hevc-pgs.mkv")), "25", shape=held)
    generated = Film("test pattern", ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25"), "25")
    return [*real, pan, generated]


def sound(seconds: float, seed: int) -> str:
    """A filter chain for a stereo of noise that swells, nearly alike left and right, at about -23 LUFS; ends as [a]."""
    noise = [f"anoisesrc=color=pink:amplitude=0.5:seed={seed + n}:d={seconds}:r=48000[n{n}]" for n in range(3)]
    mix = "[n0][n1][n2]amerge=inputs=3,pan=stereo|c0=0.7*c0+0.35*c1|c1=0.7*c0+0.35*c2"
    return ";".join([*noise, f"{mix},tremolo=f=0.7:d=0.5,volume=-1dB[a]"])
