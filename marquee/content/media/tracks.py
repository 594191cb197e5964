"""Chooses a title's audio and subtitle renditions from its sidecar and its streams."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import langcodes

from marquee.content.media.ladder import AudioTargets
from marquee.contracts.delivery import AcceptedDelivery
from marquee.contracts.errors import InvalidInput
from marquee.contracts.media import AudioStream
from marquee.contracts.plan import AudioRendition, TextRendition
from marquee.contracts.title import AudioTrack

STEREO, SURROUND = 2, 6
Measured = Mapping[str, float | int | str | bool | None]
Named = TypeVar("Named", AudioRendition, TextRendition)

UNDETERMINED = {"und", "mis", "mul", "zxx"}


def short_code(tag: str | None, default: str) -> str:
    """The shortest code of a language tag, as BCP 47 wants it; the default where the tag says nothing."""
    if not tag or tag in UNDETERMINED:
        return default
    return langcodes.standardize_tag(tag)


def audio_renditions(
    accepted: AcceptedDelivery, measured: Measured, targets: AudioTargets
) -> tuple[tuple[AudioRendition, ...], list[str]]:
    """AAC stereo of every track, and 5.1 besides where it has six channels or more; notes on what is left out.

    The sidecar says which streams there are; without its word all are taken, the first of each language. A stereo
    rendition of another layout is measured when it is encoded, because mixing changes loudness.

    Raises InvalidInput when the sidecar names a stream that is not there.
    """
    renditions = []
    for track in accepted.metadata.audio or _assumed_tracks(accepted):
        if track.stream >= len(accepted.media.audio):
            expected = f"below {len(accepted.media.audio)}"
            raise InvalidInput("no such audio stream", where="audio", expected=expected, got=str(track.stream))
        stream = accepted.media.audio[track.stream]
        layouts = (STEREO, SURROUND) if stream.channels >= SURROUND else (STEREO,)
        renditions += [_audio(track, stream, channels, measured, targets) for channels in layouts]
    return _first_of_each_name(renditions, "audio")


def _assumed_tracks(accepted: AcceptedDelivery) -> list[AudioTrack]:
    original = accepted.metadata.original_language
    languages = [short_code(s.language, original) for s in accepted.media.audio]
    return [
        AudioTrack(stream=n, language=language, role="main" if language in (original, languages[0]) else "dub")
        for n, language in enumerate(languages)
    ]


def _audio(
    track: AudioTrack, stream: AudioStream, channels: int, measured: Measured, targets: AudioTargets
) -> AudioRendition:
    def value(column: str) -> float | None:
        found = measured.get(f"audio{track.stream}_{column}") if stream.channels == channels else None
        return None if found is None else float(found)

    return AudioRendition(
        stream=stream.index,
        language=track.language,
        role=track.role,
        label=track.label or track.language,
        channels=channels,
        bitrate_kbps=targets.surround_kbps if channels == SURROUND else targets.stereo_kbps,
        measured_lufs=value("lufs"),
        measured_peak_dbtp=value("peak_dbtp"),
        target_lufs=targets.lufs,
        target_peak_dbtp=targets.peak_dbtp,
    )


def text_renditions(accepted: AcceptedDelivery) -> tuple[tuple[TextRendition, ...], list[str]]:
    """The sidecar's subtitles; where it has none, the embedded ones that hold text. Notes on what is left out."""
    named = [
        TextRendition(
            key=accepted.stored(s.file).key,
            language=s.language,
            kind=s.kind,
            label=s.label or s.language,
            encoding=s.encoding or "",
        )
        for s in accepted.metadata.subtitles
    ]
    bitmaps = [
        f"subtitle stream {s.index} ({s.codec}) holds pictures, not text: left out"
        for s in accepted.media.text
        if s.bitmap
    ]
    renditions, doubles = _first_of_each_name(named or _embedded(accepted), "subtitle")
    return renditions, bitmaps + doubles


def _embedded(accepted: AcceptedDelivery) -> list[TextRendition]:
    languages = [(s, short_code(s.language, accepted.metadata.original_language)) for s in accepted.media.text]
    return [
        TextRendition(
            key=accepted.source.key, stream=s.index, codec=s.codec, language=language, kind="full", label=language
        )
        for s, language in languages
        if not s.bitmap
    ]


def _first_of_each_name(renditions: Iterable[Named], what: str) -> tuple[tuple[Named, ...], list[str]]:
    """Names are folders: a second rendition of a name cannot be told from the first."""
    kept: dict[str, Named] = {}
    doubles = [r.name for r in renditions if kept.setdefault(r.name, r) is not r]
    notes = [f"a second {what} track {name!r} is left out: name its role in the sidecar" for name in doubles]
    return tuple(kept.values()), notes
