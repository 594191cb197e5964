"""Encoding profiles as data, and the ladder that a profile gives for a picture."""

from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import Field

from marquee.contracts.base import Contract
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import Codec, Rung

PROFILES = Path(__file__).with_name("profiles.yaml")
BOX_ASPECT = Fraction(16, 9)
# A step that is nearly the next one's size gives players a choice without a difference.
TOO_NEAR = 0.85
# Bits grow with the 0.75th power of the pixel count at equal quality (Ozer, "The Power of .75", after R. Kovacs).
RATE_EXPONENT = 0.75
FAST_RATE, FAST_FACTOR = 32, 1.5  # frames per second above which the cap is raised, and by how much
LOWEST_CAP_KBPS = 64
SMALLEST_SIDE = {Codec.H264: 2, Codec.VP9: 2, Codec.AV1: 64}  # SVT-AV1 refuses less


class Step(Contract):
    """One point of a profile's ladder: the height in pixels of a 16:9 box that the picture has to fit into."""

    height: int = Field(gt=0)
    crf: int = Field(ge=0, le=63)
    maxrate_kbps: int = Field(gt=0)
    preset: str


class AudioTargets(Contract):
    """Bitrates in kb/s; programme loudness in LUFS and true peak in dBTP (EBU R128)."""

    stereo_kbps: int
    surround_kbps: int
    lufs: float
    peak_dbtp: float


class EncodingProfile(Contract):
    """A named set of choices. Durations in seconds, rounded to whole frames by the grid."""

    gop_s: Fraction = Field(gt=0)
    gops_per_segment: int = Field(gt=0)
    chunk_s: float = Field(gt=0)
    vmaf_every: int = Field(gt=0)
    ladders: dict[Codec, tuple[Step, ...]]
    audio: AudioTargets
    watermark: bool = False  # two variants of each rendition


@lru_cache
def profiles() -> dict[str, EncodingProfile]:
    """All profiles of profiles.yaml by name."""
    document = yaml.safe_load(PROFILES.read_text())
    return {name: EncodingProfile.model_validate(body) for name, body in document.items()}


def profile(name: str) -> EncodingProfile:
    """The profile of that name. Raises InvalidInput."""
    if name not in profiles():
        raise InvalidInput("no such profile", where="profile", expected=", ".join(profiles()), got=repr(name))
    return profiles()[name]


def ladder(chosen: EncodingProfile, width: int, height: int, frame_rate: Fraction) -> tuple[Rung, ...]:
    """The rungs for a displayed picture of that size: dearest first, never above it, in its shape, even sides.

    A picture smaller than a step's box stands in for that step at its own size, and is the codec's top.
    Raises InvalidInput when no codec of the profile can encode so small a picture.
    """
    rungs = [
        r for codec, steps in chosen.ladders.items() for r in _codec_rungs(codec, steps, width, height, frame_rate)
    ]
    if not rungs:
        raise InvalidInput("the picture is too small for this profile", where="ladder", got=f"{width}x{height}")
    return tuple(sorted(rungs, key=cost, reverse=True))


def cost(rung: Rung) -> int:
    """Relative CPU time of a frame: pixels. At the presets of `standard` SVT-AV1 takes about as long as x264."""
    return rung.width * rung.height


def _codec_rungs(codec: Codec, steps: tuple[Step, ...], width: int, height: int, frame_rate: Fraction) -> list[Rung]:
    kept: list[Rung] = []
    for step in sorted(steps, key=lambda s: s.height):
        scale = _scale(step, width, height)
        rung = _rung(codec, step, width, height, scale, frame_rate)
        if kept and kept[-1].height > TOO_NEAR * rung.height:
            kept.pop()
        if min(rung.width, rung.height) >= SMALLEST_SIDE[codec]:
            kept.append(rung)
        if scale == 1:
            break
    return kept


def _scale(step: Step, width: int, height: int) -> float:
    """By how much the picture shrinks to fit into the step's box, laid on its side for portrait pictures."""
    long, short = max(width, height), min(width, height)
    return min(1.0, float(step.height * BOX_ASPECT) / long, step.height / short)


def _rung(codec: Codec, step: Step, width: int, height: int, scale: float, frame_rate: Fraction) -> Rung:
    size = [max(2, round(side * scale / 2) * 2 if scale < 1 else side // 2 * 2) for side in (width, height)]
    share = size[0] * size[1] / float(step.height**2 * BOX_ASPECT)
    cap = step.maxrate_kbps * share**RATE_EXPONENT * (FAST_FACTOR if frame_rate > FAST_RATE else 1)
    return Rung(
        codec=codec,
        width=size[0],
        height=size[1],
        crf=step.crf,
        maxrate_kbps=max(LOWEST_CAP_KBPS, round(cap)),
        preset=step.preset,
    )
