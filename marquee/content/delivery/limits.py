"""How large the files of a delivery may be."""

from marquee.content.delivery.artwork import MAX_BYTES as ARTWORK_BYTES
from marquee.content.delivery.subtitles import MAX_BYTES as SUBTITLE_BYTES
from marquee.contracts.delivery import SubtitleFile, TrackFile
from marquee.contracts.title import TitleMetadata


def most_bytes(metadata: TitleMetadata, max_source_bytes: int) -> dict[str, int]:
    """By the name of each file that a sidecar names."""
    limits = dict.fromkeys(metadata.artwork.values(), ARTWORK_BYTES)
    limits |= {track.file: SUBTITLE_BYTES for track in metadata.subtitles}
    return limits | {metadata.media: max_source_bytes}


def most_bytes_of(track: TrackFile, max_source_bytes: int) -> int:
    """Of the file of one track."""
    return SUBTITLE_BYTES if isinstance(track, SubtitleFile) else max_source_bytes
