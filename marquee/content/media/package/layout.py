"""Paths of a release folder, and which key protects which track."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from marquee.content.media.audio_codecs import coding
from marquee.contracts.errors import InvalidInput
from marquee.contracts.keys import ContentKey, TrackType
from marquee.contracts.plan import AudioRendition, Codec, DrmScheme, EncodePlan, Rung, TextRendition, Variant
from marquee.contracts.release import UNLISTED

MPD = "dash/manifest.mpd"
MASTER = "hls/master.m3u8"
THUMBNAIL_TRACK = "thumbs/thumbnails.vtt"
THUMBNAIL_PLAYLIST = "hls/thumbs.m3u8"

TEXT_KINDS = ("full", "sdh", "forced")
ROLES = ("main", "dub", "commentary", "description", "dialogue-enhanced")

LOWEST_SAMPLE_RATE = 44_100  # of sound that is packaged

Keys = Mapping[TrackType, ContentKey]


@dataclass(frozen=True)
class Track:
    """A packaged audio or video track: its folder, its media playlist, what its key is called.

    `slack_s` is by how much a segment may miss the grid: sound is cut between its own packets. One that is not listed
    is the second variant of that which has its name, and has no playlist.
    """

    kind: str  # video, audio
    name: str
    protection: TrackType
    slack_s: float = 0.001
    listed: bool = True

    @property
    def folder(self) -> str:
        return f"{self.kind if self.listed else UNLISTED}/{self.name}"

    @property
    def playlist(self) -> str:
        return f"hls/{self.kind}-{self.name}.m3u8"

    @property
    def iframes(self) -> str:
        """The I-frame playlist, for the tracks that have one."""
        return f"hls/{self.kind}-{self.name}-iframes.m3u8"

    def init(self, period: int = 0) -> str:
        """The initialisation segment: one for all crypto periods, and for players of HLS one for each later one."""
        return f"{self.folder}/init-{period}.mp4" if period else f"{self.folder}/init.mp4"

    def segments(self, release: Path) -> list[Path]:
        """Its media segments in order."""
        return sorted((release / self.folder).glob("*.m4s"), key=lambda path: int(path.stem))


def video_track(rung: Rung) -> Track:
    protection = TrackType.of_lines(min(rung.width, rung.height))
    return Track("video", rung.rendition, protection, listed=rung.variant is not Variant.B)


def has_iframes(rung: Rung) -> bool:
    """Whether there is an I-frame playlist: for H.264 only, as Apple's players trick-play those, and ours uses
    thumbnails. It names ranges of bytes, which differ between two variants, so those have none."""
    return rung.codec is Codec.H264 and not rung.variant


def audio_track(rendition: AudioRendition) -> Track:
    return Track("audio", rendition.name, TrackType.AUDIO, slack_s=coding(rendition).frame / LOWEST_SAMPLE_RATE)


def group_name(rendition: AudioRendition) -> str:
    """The HLS group of a sound rendition: all that share a codec and a channel count."""
    return f"{rendition.codec}-{rendition.channels}"


def by_preference(audio: Sequence[AudioRendition], default_language: str) -> list[AudioRendition]:
    """The order in which manifests list sound: players start with the first, whatever its role."""
    return sorted(audio, key=lambda a: (ROLES.index(a.role), a.language != default_language))


def text_by_preference(text: Sequence[TextRendition]) -> list[TextRendition]:
    """The order in which manifests list subtitles: players choose by it, so plain ones of a language come first."""
    languages = list(dict.fromkeys(rendition.language for rendition in text))
    return sorted(text, key=lambda t: (languages.index(t.language), TEXT_KINDS.index(t.kind)))


def tracks(plan: EncodePlan) -> tuple[Track, ...]:
    """All tracks that manifests name, video first."""
    return (*map(video_track, plan.listed), *map(audio_track, plan.audio))


def unlisted_tracks(plan: EncodePlan) -> tuple[Track, ...]:
    """The second variants of watermarked pictures."""
    return tuple(map(video_track, plan.unlisted))


def protected_types(plan: EncodePlan) -> frozenset[TrackType]:
    """The track types that need a content key; none when the plan publishes in the clear."""
    return frozenset() if plan.scheme is DrmScheme.NONE else frozenset(track.protection for track in tracks(plan))


def require_keys(plan: EncodePlan, keys: Keys) -> None:
    """Raise InvalidInput unless each protected type has a key, with an id of its own, for each crypto period."""
    expected = protected_types(plan)
    each = [one for key in keys.values() for one in key.periods]
    wanted = plan.crypto_periods * len(expected)
    if set(keys) != expected or len(each) != wanted or len({key.kid for key in each}) != wanted:
        names = ", ".join(sorted(expected)) or "no keys"
        names += f", {plan.crypto_periods} keys of each" if plan.crypto_periods > 1 else ""
        raise InvalidInput("wrong set of content keys", where=plan.hash, expected=names, got=", ".join(sorted(keys)))


def text_path(name: str) -> str:
    """The WebVTT file of a subtitle track."""
    return f"text/{name}/{name}.vtt"


def text_playlist_path(name: str) -> str:
    """The HLS media playlist of a subtitle track."""
    return f"hls/text-{name}.m3u8"


def unique_labels(renditions: Sequence[AudioRendition] | Sequence[TextRendition]) -> dict[str, str]:
    """Labels by rendition name; a repeated one is told apart by that name (NAME is unique in a group, RFC 8216)."""
    labels: dict[str, str] = {}
    for rendition in renditions:
        taken = rendition.label in labels.values()
        labels[rendition.name] = f"{rendition.label} ({rendition.name})" if taken else rendition.label
    return labels
