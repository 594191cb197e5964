"""Tone map from high dynamic range to SDR (ADR 0031; `bench.tone` has the figures)."""

from typing import Any

from marquee.contracts.hdr import LUMINANCE_UNITS
from marquee.contracts.plan import Picture

SDR_WHITE_NITS = 203  # what SDR's peak stands for: HDR reference white, ITU-R BT.2408-7, table 1
USUAL_PEAK_NITS = 1000  # of a display for grading, and of HLG (ITU-R BT.2100-2, note 5f)
LEAST_PEAK_NITS, MOST_PEAK_NITS = 400, 10_000  # metadata that says less or more is not believed
KNEE = 0.55  # of SDR's peak: light below it stays as it is
TAGS = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709", "range": "tv"}


def to_sdr(node: Any, picture: Picture) -> Any:
    """PQ or HLG frames, tagged as such, as BT.709 Y'CbCr of limited range.

    Light above the knee is compressed by a Möbius function of the brightest channel, so that hues stay.
    """
    light = node.filter("zscale", transfer="linear", primaries="bt709", npl=SDR_WHITE_NITS)
    peak = round(peak_nits(picture) / SDR_WHITE_NITS, 4)
    mapped = light.filter("format", pix_fmts="gbrpf32le").filter("tonemap", "mobius", param=KNEE, peak=peak, desat=0)
    return mapped.filter("zscale", transfer="bt709", matrix="bt709", range="limited")


def peak_nits(picture: Picture) -> float:
    """The light of the brightest pixel: as measured, else what the mastering display can show."""
    light, display = picture.light, picture.mastering
    known = (light.max_cll if light else 0) or (display.max_luminance / LUMINANCE_UNITS if display else 0)
    return min(max(known or USUAL_PEAK_NITS, LEAST_PEAK_NITS), MOST_PEAK_NITS)
