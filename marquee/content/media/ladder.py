"""Encoding profiles as data, and the ladder that a profile gives for a picture."""

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Self

import yaml
from pydantic import Field, model_validator

from marquee.contracts.base import Contract
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import AudioCodec, Codec, Rung

PROFILES = Path(__file__).with_name("profiles.yaml")
BOX_ASPECT = Fraction(16, 9)
# A step that is nearly the next one's size gives players a choice without a difference.
TOO_NEAR = 0.85
# Bits grow with the 0.75th power of the pixel count at equal quality (Ozer, "The Power of .75", after R. Kovacs).
RATE_EXPONENT = 0.75
FAST_RATE, FAST_FACTOR = 32, 1.5  # frames per second above which the cap is raised, and by how much
LOWEST_CAP_KBPS = 64
STEREO, SURROUND, WIDE = 2, 6, 8  # channels: 2.0, 5.1, 7.1
CODABLE = {  # beside AAC's stereo and 5.1; ffmpeg's E-AC-3 ends at 5.1
    AudioCodec.AAC: {WIDE},
    AudioCodec.EAC3: {STEREO, SURROUND},
    AudioCodec.OPUS: {STEREO, SURROUND, WIDE},
}
SMALLEST_SIDE = {Codec.H264: 2, Codec.VP9: 2, Codec.AV1: 64, Codec.HEVC: 64}  # SVT-AV1 and x265 refuse less


class Step(Contract):
    """One point of a profile's ladder: the height in pixels of a 16:9 box that the picture has to fit into."""

    height: int = Field(gt=0)
    crf: int = Field(ge=0, le=63)
    maxrate_kbps: int = Field(gt=0)
    preset: str


SoundForm = tuple[AudioCodec, int, int]
"""Codec, channels and kb/s of a sound rendition."""


class Search(Contract):
    """How a codec's ladder is searched for each title. Rates in kb/s, quality in VMAF points (0 to 100).

    The top rung reaches `target` on the harmonic mean and `worst` on the 5th percentile; the bottom one has at most
    `least_kbps`, unless it would be worse than `floor`. A rung is `step` points below the one above it. There are none
    where the codec would save less than the share `saves` of what H.264 takes for the same quality.
    """

    preset: str
    options: str = ""
    probe_preset: str
    heights: tuple[int, ...] = Field(min_length=1)  # of 16:9 boxes, as of a `Step`
    crfs: tuple[int, int, int]  # that are probed: fine, middling, coarse
    target: float = Field(default=94.5, gt=0, le=100)
    worst: float = Field(default=85, gt=0, le=100)
    step: float = Field(default=7, gt=0)
    floor: float = Field(default=50, ge=0)
    least_kbps: int = Field(default=145, gt=0)
    cap_kbps: int = Field(gt=0)  # of a full box of 1080 lines at up to 30 frames per second
    saves: float = Field(default=0.05, lt=1)  # has no meaning for H.264, nor without it
    grain_from: float | None = Field(default=None, gt=0)  # AV1: film grain so strong is synthesised by the decoder


class AudioTargets(Contract):
    """Bitrates in kb/s; programme loudness in LUFS and true peak in dBTP (EBU R128).

    AAC is made of every track. `besides` are further renditions: by codec and number of channels their bitrates.
    """

    stereo_kbps: int
    surround_kbps: int
    lufs: float
    peak_dbtp: float
    besides: dict[AudioCodec, dict[int, int]] = Field(default={})

    def renditions(self, channels: int) -> list[SoundForm]:
        """What is made of a track of so many channels: never more channels than it has."""
        aac = {STEREO: self.stereo_kbps, SURROUND: self.surround_kbps}
        table = [(AudioCodec.AAC, aac), *self.besides.items()]
        return [
            (codec, count, kbps)
            for codec, rates in table
            for count, kbps in rates.items()
            if count <= max(channels, STEREO)
        ]

    @model_validator(mode="after")
    def _codable(self) -> Self:
        for codec, rates in self.besides.items():
            if odd := [count for count in rates if count not in CODABLE[codec]]:
                raise ValueError(f"{codec} of {odd} channels cannot be made: {CODABLE[codec]}")
        return self


class EncodingProfile(Contract):
    """A named set of choices. Durations in seconds, rounded to whole frames by the grid.

    A codec has either a fixed ladder or a search. VMAF compares one frame in `vmaf_every` around key frames, and one in
    `vmaf_between`, a multiple of that, elsewhere; 0 is the same everywhere.
    """

    gop_s: Fraction = Field(gt=0)
    gops_per_segment: int = Field(gt=0)
    chunk_s: float = Field(gt=0)
    vmaf_every: int = Field(gt=0)
    vmaf_between: int = 0
    ladders: dict[Codec, tuple[Step, ...]] = Field(default={})
    searches: dict[Codec, Search] = Field(default={})
    hdr_only: tuple[Codec, ...] = ()  # codecs that only a film of high dynamic range gets
    audio: AudioTargets
    watermark: bool = False  # two variants of each rendition
    crypto_period_s: float = Field(default=0, ge=0)  # after which a track has another content key; 0: never
    equal_slope: bool = False  # within a searched rung each chunk has a quality of its own

    @model_validator(mode="after")
    def _grain_is_of_av1(self) -> Self:
        if odd := [codec for codec, search in self.searches.items() if search.grain_from and codec is not Codec.AV1]:
            raise ValueError(f"only AV1 synthesises grain, not {', '.join(odd)}")
        return self

    @model_validator(mode="after")
    def _sampled(self) -> Self:
        if self.vmaf_between and (self.vmaf_every < 3 or self.vmaf_between % self.vmaf_every):
            raise ValueError(f"vmaf_between is no multiple of vmaf_every, 3 or more: {self.vmaf_between}")
        return self


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


def ladder(
    chosen: EncodingProfile, width: int, height: int, frame_rate: Fraction, *, hdr: bool = False
) -> tuple[Rung, ...]:
    """The rungs for a displayed picture of that size: dearest first, never above it, in its shape, even sides.

    A picture smaller than a step's box stands in for that step at its own size, and is the codec's top.
    Raises InvalidInput when no codec of the profile can encode so small a picture.
    """
    ladders = {codec: steps for codec, steps in chosen.ladders.items() if hdr or codec not in chosen.hdr_only}
    rungs = [r for codec, steps in ladders.items() for r in _codec_rungs(codec, steps, width, height, frame_rate)]
    if not rungs:
        raise InvalidInput("the picture is too small for this profile", where="ladder", got=f"{width}x{height}")
    return tuple(sorted(rungs, key=cost, reverse=True))


def sizes(boxes: Iterable[int], width: int, height: int) -> list[tuple[int, int]]:
    """The picture's even sizes in these 16:9 boxes, the smallest first; the last one is never above the picture.

    Where one is nearly as tall as the next (85 %) it is left out.
    """
    kept: list[tuple[int, int]] = []
    for box in sorted(boxes):
        scale = box_scale(box, width, height)
        size = scaled(width, height, scale)
        if kept and kept[-1][1] > TOO_NEAR * size[1]:
            kept.pop()
        kept.append(size)
        if scale == 1:
            break
    return kept


def cost(rung: Rung) -> int:
    """Relative CPU time of a frame: pixels. At the presets of `standard` SVT-AV1 takes about as long as x264."""
    return rung.width * rung.height


def _codec_rungs(codec: Codec, steps: tuple[Step, ...], width: int, height: int, frame_rate: Fraction) -> list[Rung]:
    kept: list[Rung] = []
    for step in sorted(steps, key=lambda s: s.height):
        scale = box_scale(step.height, width, height)
        rung = _rung(codec, step, width, height, scale, frame_rate)
        if kept and kept[-1].height > TOO_NEAR * rung.height:
            kept.pop()
        if min(rung.width, rung.height) >= SMALLEST_SIDE[codec]:
            kept.append(rung)
        if scale == 1:
            break
    return kept


def box_scale(box: int, width: int, height: int) -> float:
    """By how much the picture shrinks to fit into a 16:9 box of so many lines, laid on its side for portrait ones."""
    long, short = max(width, height), min(width, height)
    return min(1.0, float(box * BOX_ASPECT) / long, box / short)


def scaled(width: int, height: int, scale: float) -> tuple[int, int]:
    """The picture's sides at a scale, even."""
    if scale >= 1:
        return width // 2 * 2, height // 2 * 2
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def cap_kbps(box: int, box_kbps: int, width: int, height: int, frame_rate: Fraction) -> int:
    """The rate cap of a picture, from that of a full 16:9 box of so many lines at up to 30 frames per second."""
    share = width * height / float(box**2 * BOX_ASPECT)
    cap: float = box_kbps * share**RATE_EXPONENT * (FAST_FACTOR if frame_rate > FAST_RATE else 1)
    return max(LOWEST_CAP_KBPS, round(cap))


def _rung(codec: Codec, step: Step, width: int, height: int, scale: float, frame_rate: Fraction) -> Rung:
    size = scaled(width, height, scale)
    return Rung(
        codec=codec,
        width=size[0],
        height=size[1],
        crf=step.crf,
        maxrate_kbps=cap_kbps(step.height, step.maxrate_kbps, *size, frame_rate),
        preset=step.preset,
    )
