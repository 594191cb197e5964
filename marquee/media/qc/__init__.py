"""Quality control: measure a mezzanine, hold it against a profile, and show what was found."""

from marquee.media.qc.control import check
from marquee.media.qc.frames import grabs
from marquee.media.qc.report import render

__all__ = ["check", "grabs", "render"]
