"""Points of a codec that behaves by a formula, so that the right ladder is known."""

from marquee.contracts.ladder import Point
from marquee.contracts.plan import Codec

LOST = {(384, 216): 20, (640, 360): 8, (1280, 720): 0}  # VMAF points by scaling down


def point(width: int, height: int, crf: int, hardness: float = 1.0, codec: Codec = Codec.H264) -> Point:
    """Six steps of CRF halve the rate, which grows with the 0.75th power of the pixels; quality falls ever faster."""
    kbps = hardness * 0.095 * (width * height) ** 0.75 * 2 ** (-(crf - 20) / 6)
    vmaf = max(0.0, 100 * (1 - 2 ** ((crf - 51) / 7)) - LOST[width, height])
    scores = {"vmaf": vmaf, "vmaf_harmonic": vmaf, "vmaf_p5": max(0.0, vmaf - 4)}
    return Point(codec=codec, width=width, height=height, crf=crf, kbps=kbps, **scores)


def points(hardness: float = 1.0) -> list[Point]:
    """Every CRF at every size."""
    return [point(*size, crf, hardness) for size in LOST for crf in range(16, 46)]
