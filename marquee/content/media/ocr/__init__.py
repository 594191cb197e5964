"""Reads subtitles that are pictures (PGS, VobSub, DVB, XSUB) into text: decoded, prepared, recognised, placed."""

from marquee.content.media.ocr.read import ReadCue, ReadTrack, read_track, read_track_key

__all__ = ["ReadCue", "ReadTrack", "read_track", "read_track_key"]
