"""Quality control: measure a mezzanine, hold it against a profile, and show what was found."""

from marquee.content.media.qc.captions import CaptionFile
from marquee.content.media.qc.frames import grabs
from marquee.content.media.qc.inspect import check
from marquee.content.media.qc.report import render

__all__ = ["CaptionFile", "check", "grabs", "render"]
