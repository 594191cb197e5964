"""Quality control: measure a mezzanine, hold it against a profile, and show what was found."""

from marquee.content.media.qc.captions import CaptionFile
from marquee.content.media.qc.frames import grabs
from marquee.content.media.qc.inspect import check, judge
from marquee.content.media.qc.measure import (
    Heard,
    Measured,
    as_programme,
    measure,
    measure_sound,
    measured_key,
)
from marquee.content.media.qc.pictures import pictures_row, reading, unread_row
from marquee.content.media.qc.report import render

__all__ = [
    "CaptionFile",
    "Heard",
    "Measured",
    "as_programme",
    "check",
    "grabs",
    "judge",
    "measure",
    "measure_sound",
    "measured_key",
    "pictures_row",
    "reading",
    "render",
    "unread_row",
]
