"""Content keys, which encrypt a release's tracks: in memory only; at rest they are wrapped (marquee.content.drm)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from marquee.contracts.errors import InvalidInput

KEY_BYTES = 16  # AES-128, the only size Common Encryption knows (ISO/IEC 23001-7)


class TrackType(StrEnum):
    """What one key protects. A key per type, so that a policy can grant SD without granting UHD."""

    AUDIO = "AUDIO"
    SD = "SD"
    HD = "HD"
    UHD = "UHD"

    @classmethod
    def of_lines(cls, lines: int) -> "TrackType":
        """The type of a video track by its shorter side in pixels: SD below 720, HD up to 1080, UHD above."""
        if lines < 720:
            return cls.SD
        return cls.HD if lines <= 1080 else cls.UHD


class ContentKey:
    """A key id (KID, 32 hex digits) and its key of 16 bytes.

    `later` are those that follow it in time on the same tracks, one for each further crypto period.

    The key shows in no representation, no log and no serialisation; only `reveal` gives it. Pickling is refused, so a
    key cannot slip into an orchestrator's messages.
    """

    __slots__ = ("_key", "kid", "later", "track")

    def __init__(self, kid: str, track: TrackType, key: bytes, later: tuple["ContentKey", ...] = ()) -> None:
        if not re.fullmatch(r"[0-9a-f]{32}", kid):
            raise InvalidInput("not a key id", where="content key", expected="32 lower-case hex digits", got=repr(kid))
        if len(key) != KEY_BYTES:
            got = f"{len(key)} bytes"
            raise InvalidInput("a key of the wrong size", where=f"key {kid}", expected=f"{KEY_BYTES} bytes", got=got)
        self.kid, self.track, self.later, self._key = kid, track, later, key

    @property
    def periods(self) -> tuple["ContentKey", ...]:
        """The key of each crypto period, this one first."""
        return (self, *self.later)

    def followed_by(self, later: Iterable["ContentKey"]) -> "ContentKey":
        """This key with those of later crypto periods."""
        return ContentKey(self.kid, self.track, self._key, tuple(later))

    def reveal(self) -> bytes:
        """The key itself."""
        return self._key

    def __repr__(self) -> str:
        return f"ContentKey(kid={self.kid!r}, track={self.track.value!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ContentKey) and (self.kid, self._key) == (other.kid, other._key)

    def __hash__(self) -> int:
        return hash(self.kid)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a content key is not serialised; wrap it (marquee.content.drm.keys.wrap)")


def chained(keys: Iterable[ContentKey]) -> dict[TrackType, ContentKey]:
    """Keys in the order of their crypto periods, by kind of track: the first with those that follow it."""
    found: dict[TrackType, list[ContentKey]] = {}
    for key in keys:
        found.setdefault(key.track, []).append(key)
    return {track: first.followed_by(later) for track, (first, *later) in found.items()}


@dataclass(frozen=True)
class Exchange:
    """What an exchange of the master key came to: secrets exchanged, held under the present one already, not opened."""

    exchanged: int = 0
    held: int = 0
    closed: tuple[str, ...] = ()  # named, not shown

    def __add__(self, other: "Exchange") -> "Exchange":
        closed = self.closed + other.closed
        return Exchange(self.exchanged + other.exchanged, self.held + other.held, closed)
