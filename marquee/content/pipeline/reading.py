"""Subtitle pictures of a delivery, read into text once for QC, which shows them, and for encoding, which takes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from marquee.content.media import ocr, qc
from marquee.content.media.text_tracks import pictures_to_read
from marquee.content.pipeline.progress import every
from marquee.content.pipeline.stores import work
from marquee.contracts.delivery import AcceptedDelivery
from marquee.contracts.errors import NotFound, ToolFailed, Unavailable
from marquee.contracts.plan import TextRendition
from marquee.contracts.qc import Measures
from marquee.logs import log
from marquee.settings import settings
from marquee.tools.scratch import scratch

PROGRESS_S = 5.0


@dataclass(frozen=True)
class Read:
    """QC's row of a stream, and the track where it could be read."""

    row: Measures
    track: ocr.ReadTrack | None = None


def read_pictures(source: Path, accepted: AcceptedDelivery) -> list[Read]:
    """Read the film's subtitle pictures, each stream once. One that cannot be read has a row that says why."""
    return list(_each(source, accepted))


def readings(accepted: AcceptedDelivery) -> list[qc.Reading]:
    """What has been read of them by now, for the report's page."""
    return [
        qc.reading(track, accepted.media.start_s)
        for each in pictures_to_read(accepted)
        if (track := _kept(accepted, each))
    ]


def _each(source: Path, accepted: AcceptedDelivery) -> Iterator[Read]:
    start_s, trusted = accepted.media.start_s, settings().trust_read_subtitles
    for rendition in pictures_to_read(accepted):
        try:
            track = _track(source, accepted, rendition)
        except (Unavailable, ToolFailed) as error:
            log.warning("subtitles not read", stream=rendition.stream, because=error.what, expected=error.expected)
            yield Read(qc.unread_row(rendition.stream or 0, rendition.language, error))
        else:
            yield Read(qc.pictures_row(track, start_s=start_s, trusted=trusted), track)


def _track(source: Path, accepted: AcceptedDelivery, rendition: TextRendition) -> ocr.ReadTrack:
    """What was read before, else what is read now."""
    if kept := _kept(accepted, rendition):
        return kept
    progress = every(PROGRESS_S, f"reading subtitles {rendition.name}")
    demuxer, codec, language = accepted.media.demuxer, rendition.codec, rendition.language
    with scratch() as folder:
        track = ocr.read_track(source, demuxer, rendition.stream or 0, codec, language, folder, progress)
    work().write(_key(accepted, rendition), track.model_dump_json().encode())
    return track


def _kept(accepted: AcceptedDelivery, rendition: TextRendition) -> ocr.ReadTrack | None:
    try:
        return ocr.ReadTrack.model_validate_json(work().read(_key(accepted, rendition)))
    except NotFound:
        return None


def _key(accepted: AcceptedDelivery, rendition: TextRendition) -> str:
    return ocr.read_track_key(accepted.source.sha256, rendition.stream or 0, rendition.language)
