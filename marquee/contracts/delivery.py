"""A delivery: what arrived in the inbox, and what became of it."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from marquee.contracts.base import Contract
from marquee.contracts.ids import Id
from marquee.contracts.media import AudioStream, MediaInfo
from marquee.contracts.title import ROLE_PATTERN, FileName, SubtitleTrack, Text, TitleMetadata, TrackLanguage


class RefusalCode(StrEnum):
    """The rules of intake, as stable names."""

    SIDECAR_INVALID = "sidecar-invalid"
    UNSAFE_NAME = "unsafe-name"  # a path, a leading dash or dot, control characters
    FILE_MISSING = "file-missing"
    SYMLINK = "symlink"
    NOT_A_FILE = "not-a-file"  # a folder, a device, a pipe
    EMPTY_FILE = "empty-file"
    TOO_LARGE = "too-large"
    NOT_MEDIA = "not-media"  # nothing that is known
    IMAGE = "image"
    ARCHIVE = "archive"
    DOCUMENT = "document"
    AUDIO_FILE = "audio-file"
    RAW_STREAM = "raw-stream"  # coded pictures or sound without a container, and so without times
    UNWANTED_CONTAINER = "unwanted-container"  # a container of films that is not on the allow-list
    PLAYLIST = "playlist"  # a text that names other files
    EXTERNAL_REFERENCE = "external-reference"  # a movie whose samples lie in another file
    ENCRYPTED = "encrypted"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"  # the container's index contradicts itself or the file
    UNREADABLE = "unreadable"  # ffprobe cannot read it, or not in time
    NO_VIDEO = "no-video"
    AUDIO_ONLY = "audio-only"
    UNKNOWN_CODEC = "unknown-codec"
    ZERO_FRAME_RATE = "zero-frame-rate"
    ABSURD_FRAME_RATE = "absurd-frame-rate"
    ABSURD_DIMENSIONS = "absurd-dimensions"
    DOLBY_VISION = "dolby-vision"  # without a base layer that is a picture of its own
    TOO_MANY_STREAMS = "too-many-streams"
    SUBTITLE_INVALID = "subtitle-invalid"
    DOCTYPE = "doctype"  # XML with a DTD or entities
    ARTWORK_INVALID = "artwork-invalid"


class StoredFile(Contract):
    """A delivered file as kept in the mezzanine store under its content hash."""

    name: str  # as delivered
    key: str  # in the mezzanine store: <sha256>/<name>
    sha256: str
    size: int


class SubtitleFile(SubtitleTrack):
    """Subtitles that a person puts in the place of a title's own, or beside them."""

    type: Literal["subtitles"] = "subtitles"

    @property
    def name(self) -> str:
        """Which track it is, whatever its file, e.g. `subtitles en-sdh`."""
        return f"subtitles {self.language}" + ("" if self.kind == "full" else f"-{self.kind}")


class AudioFile(Contract):
    """Sound that a person puts in the place of a title's own, or beside it, in a file of its own."""

    type: Literal["audio"] = "audio"
    file: FileName
    language: TrackLanguage
    role: Annotated[str, StringConstraints(pattern=ROLE_PATTERN)] = "main"
    label: Text | None = None

    @property
    def name(self) -> str:
        """Which track it is, whatever its file, e.g. `audio de-dub`."""
        return f"audio {self.language}" + ("" if self.role == "main" else f"-{self.role}")


TrackFile = Annotated[SubtitleFile | AudioFile, Field(discriminator="type")]


class StoredTrack(Contract):
    """Such a track in the mezzanine store; of a sound file with its container's demuxer and its one stream."""

    track: TrackFile
    stored: StoredFile
    demuxer: str = ""
    stream: AudioStream | None = None


class AcceptedDelivery(Contract):
    """A delivery whose sidecar and files hold. `fingerprint` changes when any delivered byte does.

    `tracks` are what people have put in the place of delivered tracks since, by name; `based_on` is the delivery that
    was so before the last of them.
    """

    fingerprint: str
    metadata: TitleMetadata
    media: MediaInfo
    source: StoredFile
    extras: dict[str, StoredFile]  # subtitles and artwork by delivered name
    tracks: tuple[StoredTrack, ...] = ()
    based_on: Id | None = None

    def stored(self, name: str) -> StoredFile:
        """The stored file that was delivered under this name."""
        return self.source if name == self.source.name else self.extras[name]

    @property
    def files(self) -> tuple[StoredFile, ...]:
        """All files that the delivery needs."""
        return (self.source, *self.extras.values(), *(each.stored for each in self.tracks))

    @property
    def subtitles(self) -> tuple[tuple[SubtitleTrack, StoredFile], ...]:
        """The subtitle files that hold: the sidecar's, a person's where their like stood, and those a person added."""
        given = {(t.language, t.kind): (t, e.stored) for e in self.tracks if isinstance(t := e.track, SubtitleFile)}
        held = [given.get((t.language, t.kind), (t, self.stored(t.file))) for t in self.metadata.subtitles]
        return tuple(dict.fromkeys((*held, *given.values())))

    @property
    def sounds(self) -> tuple[tuple[AudioFile, StoredTrack], ...]:
        """The sound files that people have given."""
        return tuple((each.track, each) for each in self.tracks if isinstance(each.track, AudioFile))


class Refusal(Contract):
    """Why a delivery was refused; also the body of reason.json in its quarantine folder."""

    slug: str
    code: str
    message: str
    where: str = ""
    expected: str = ""
    got: str = ""
    quarantine: str = ""  # folder name under quarantine/
