"""A delivery: what arrived in the inbox, and what became of it."""

from enum import StrEnum

from marquee.contracts.base import Contract
from marquee.contracts.media import MediaInfo
from marquee.contracts.title import TitleMetadata


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


class AcceptedDelivery(Contract):
    """A delivery whose sidecar and files hold. `fingerprint` changes when any delivered byte does."""

    fingerprint: str
    metadata: TitleMetadata
    media: MediaInfo
    source: StoredFile
    extras: dict[str, StoredFile]  # subtitles and artwork by delivered name

    def stored(self, name: str) -> StoredFile:
        """The stored file that was delivered under this name."""
        return self.source if name == self.source.name else self.extras[name]


class Refusal(Contract):
    """Why a delivery was refused; also the body of reason.json in its quarantine folder."""

    slug: str
    code: str
    message: str
    where: str = ""
    expected: str = ""
    got: str = ""
    quarantine: str = ""  # folder name under quarantine/
