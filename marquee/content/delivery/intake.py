"""Takes a delivery: checks everything where it lies, then stores what holds."""

from pathlib import Path

from marquee.content.delivery.acceptance import judge, judge_sound
from marquee.content.delivery.artwork import MAX_BYTES as ARTWORK_BYTES
from marquee.content.delivery.artwork import check_artwork
from marquee.content.delivery.files import Watched, regular
from marquee.content.delivery.inbox import fingerprint
from marquee.content.delivery.limits import most_bytes_of
from marquee.content.delivery.probe import probe_media, probe_sound
from marquee.content.delivery.sidecar import SERIES_SIDECAR, SIDECAR, load_sidecar
from marquee.content.delivery.subtitles import check_subtitles
from marquee.contracts.delivery import (
    AcceptedDelivery,
    RefusalCode,
    StoredFile,
    StoredTrack,
    SubtitleFile,
    TrackFile,
)
from marquee.contracts.errors import DeliveryRefused, Unavailable
from marquee.contracts.media import MediaInfo
from marquee.contracts.title import TitleMetadata
from marquee.storage import Store, file_sha256

MAX_SOURCE_BYTES = 512 * 1024**3


def take(folder: Path, mezzanine: Store, *, max_source_bytes: int = MAX_SOURCE_BYTES) -> AcceptedDelivery:
    """Judge a delivery and put its files into the mezzanine store under `<sha256>/<name>`.

    A delivery that is refused leaves the store as it was; taking the same bytes again stores nothing twice. The folder
    itself is never changed. Raises DeliveryRefused with a code of RefusalCode, Unavailable when a file changed
    meanwhile (try again when it has settled).
    """
    if folder.is_symlink():
        raise DeliveryRefused(
            RefusalCode.SYMLINK, "links are not followed", where=folder.name, expected="a folder", got="a link"
        )
    watched = Watched(folder)
    metadata = load_sidecar(folder)
    if (folder / SERIES_SIDECAR).exists():
        what = "a title and a series in one folder"
        raise DeliveryRefused(RefusalCode.SIDECAR_INVALID, what, where=SERIES_SIDECAR, expected="a folder for each")
    extras = _check_extras(folder, metadata)
    source = regular(folder, metadata.media, limit=max_source_bytes)
    hashes = {name: file_sha256(folder / name) for name in (metadata.media, *extras)}
    media = probe_media(source, sha256=hashes[metadata.media])
    judge(media, metadata.media)
    _check_against(media, metadata)
    identity = fingerprint(folder, hashes)
    watched.confirm()
    stored = {name: _store(folder / name, sha256, mezzanine, watched) for name, sha256 in hashes.items()}
    source_file = stored.pop(metadata.media)
    return AcceptedDelivery(fingerprint=identity, metadata=metadata, media=media, source=source_file, extras=stored)


def take_track(
    folder: Path, track: TrackFile, mezzanine: Store, *, max_source_bytes: int = MAX_SOURCE_BYTES
) -> StoredTrack:
    """Judge the file of one track by the same rules, and put it into the mezzanine store.

    Raises DeliveryRefused with a code of RefusalCode, Unavailable when the file changed meanwhile.
    """
    watched = Watched(folder)
    path = regular(folder, track.file, limit=most_bytes_of(track, max_source_bytes))
    sha256 = file_sha256(path)
    if isinstance(track, SubtitleFile):
        check_subtitles(folder, track)
        return StoredTrack(track=track, stored=_store(path, sha256, mezzanine, watched))
    media = probe_sound(path, sha256=sha256)
    stream = judge_sound(media, track.file)
    stored = _store(path, sha256, mezzanine, watched)
    return StoredTrack(track=track, stored=stored, demuxer=media.demuxer, stream=stream)


def _check_extras(folder: Path, metadata: TitleMetadata) -> list[str]:
    """Names of the subtitle and artwork files, each checked."""
    for track in metadata.subtitles:
        check_subtitles(folder, track)
    for name in metadata.artwork.values():
        check_artwork(regular(folder, name, limit=ARTWORK_BYTES))
    return list(dict.fromkeys([*(t.file for t in metadata.subtitles), *metadata.artwork.values()]))


def _check_against(media: MediaInfo, metadata: TitleMetadata) -> None:
    """What the sidecar says of the media must be there."""
    for i, track in enumerate(metadata.audio):
        if track.stream >= len(media.audio):
            expected, got = f"a stream below {len(media.audio)}", str(track.stream)
            raise _contradiction(f"audio.{i}.stream", "no such audio stream", expected, got)
    for name, mark_s in metadata.marks.beyond(media.duration_s).items():
        expected = f"at most {media.duration_s} s"
        raise _contradiction(f"marks.{name}", "after the end of the programme", expected, f"{mark_s} s")


def _contradiction(field: str, what: str, expected: str, got: str) -> DeliveryRefused:
    return DeliveryRefused(RefusalCode.SIDECAR_INVALID, what, where=f"{SIDECAR}: {field}", expected=expected, got=got)


def _store(path: Path, sha256: str, mezzanine: Store, watched: Watched) -> StoredFile:
    """Store a file, and take it out again when it was touched before it was copied: its key would lie."""
    key, size = f"{sha256}/{path.name}", path.stat().st_size
    if not (mezzanine.exists(key) and mezzanine.size(key) == size):
        mezzanine.put(key, path)
        try:
            watched.confirm()
        except Unavailable:
            mezzanine.delete(key)
            raise
    return StoredFile(name=path.name, key=key, sha256=sha256, size=size)
