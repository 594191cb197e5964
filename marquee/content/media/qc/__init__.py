"""Quality control: measure a mezzanine, hold it against a profile, and show what was found."""

from marquee.content.media.qc.captions import CaptionFile
from marquee.content.media.qc.comparison import Column, column, paired
from marquee.content.media.qc.frames import clip, grab_key, grabs
from marquee.content.media.qc.inspect import check, judge, judge_captions
from marquee.content.media.qc.measure import (
    Heard,
    Measured,
    as_programme,
    measure,
    measure_sound,
    measured_key,
)
from marquee.content.media.qc.pictures import Reading, pictures_row, reading, unread_row
from marquee.content.media.qc.report import Desk, Mark, render

__all__ = [
    "CaptionFile",
    "Column",
    "Desk",
    "Heard",
    "Mark",
    "Measured",
    "Reading",
    "as_programme",
    "check",
    "clip",
    "column",
    "grab_key",
    "grabs",
    "judge",
    "judge_captions",
    "measure",
    "measure_sound",
    "measured_key",
    "paired",
    "pictures_row",
    "reading",
    "render",
    "unread_row",
]
