"""CEA-708: digital television's own captions, in up to 63 services beside the picture; those from 1 to 6 are taken."""

from marquee.content.media.cea708.service import cues

__all__ = ["CODEC", "cues"]

CODEC = "cea_708"  # ffmpeg has no decoder of them, and no name
