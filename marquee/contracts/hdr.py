"""What a film says of its dynamic range beside the pixels: static HDR metadata, Dolby Vision's record."""

from marquee.contracts.base import Contract

CHROMATICITY_UNITS, LUMINANCE_UNITS = 50_000, 10_000  # in 1, and in 1 cd/m² (SMPTE ST 2086; ISO/IEC 14496-12 § 12.1.6)

Chromaticity = tuple[int, int]
"""CIE 1931 x and y in units of 0.00002."""


class MasteringDisplay(Contract):
    """The display that a film was graded on (SMPTE ST 2086). Luminances in units of 0.0001 cd/m²."""

    red: Chromaticity
    green: Chromaticity
    blue: Chromaticity
    white: Chromaticity
    max_luminance: int
    min_luminance: int


class LightLevel(Contract):
    """The brightest pixel and the brightest frame on average, in cd/m² (CTA-861.3, annex P); 0 is not known."""

    max_cll: int
    max_fall: int


class DolbyVision(Contract):
    """A Dolby Vision configuration record (Dolby Vision Streams within the ISO Base Media File Format, § 3.2).

    `compatibility` says what a player without Dolby Vision sees in the base layer: 0 nothing, 1 HDR10, 2 SDR, 4 HLG,
    6 HDR10 of a Blu-ray disc.
    """

    profile: int
    compatibility: int
    has_base: bool = True
    has_enhancement: bool = False
