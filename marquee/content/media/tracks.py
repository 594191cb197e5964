"""Chooses a title's audio renditions from its sidecar and its streams."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import langcodes

from marquee.content.media.ladder import AudioTargets, SoundForm
from marquee.contracts.delivery import AcceptedDelivery, AudioFile, StoredTrack
from marquee.contracts.errors import InvalidInput
from marquee.contracts.media import AudioStream
from marquee.contracts.plan import AudioRendition, TextRendition
from marquee.contracts.title import AudioTrack

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
    """AAC stereo of every track, 5.1 besides where it has six channels or more, and what the profile makes besides.

    Notes on what is left out.

    The sidecar says which streams there are; without its word all are taken, the first of each language. A file that a
    person has given takes the place of the streams of its language and role. A stereo rendition of another layout is
    measured when it is encoded, because mixing changes loudness.

    Raises InvalidInput when the sidecar names a stream that is not there.
    """
    renditions: list[AudioRendition] = []
    for track in delivered_sound(accepted):
        if track.stream >= len(accepted.media.audio):
            expected = f"below {len(accepted.media.audio)}"
            raise InvalidInput("no such audio stream", where="audio", expected=expected, got=str(track.stream))
        stream = accepted.media.audio[track.stream]
        renditions += _layouts(track, stream, _columns(measured, track.stream), targets)
    return first_of_each_name(with_sound_files(renditions, accepted, measured, targets), "audio")


def with_sound_files(
    renditions: Sequence[AudioRendition], accepted: AcceptedDelivery, measured: Measured, targets: AudioTargets
) -> list[AudioRendition]:
    """Renditions with those of people's sound files in the place of their like. Of a file that has some they stay."""
    given: list[AudioRendition] = []
    for n, (track, file) in enumerate(accepted.sounds, start=len(accepted.media.audio)):
        known = [r for r in renditions if r.key == file.stored.key and _track_of(r) == (track.language, track.role)]
        made = known or _of_file(track, file, _columns(measured, n), targets)
        given += [r.model_copy(update={"label": track.label or track.language}) for r in made]
    return in_place(renditions, given, _track_of)


def _track_of(rendition: AudioRendition) -> tuple[str, str]:
    return rendition.language, rendition.role


def delivered_sound(accepted: AcceptedDelivery) -> list[AudioTrack]:
    """The sound tracks of the film: as the sidecar lists them, else by the streams' own tags."""
    if accepted.metadata.audio:
        return list(accepted.metadata.audio)
    original = accepted.metadata.original_language
    languages = [short_code(s.language, original) for s in accepted.media.audio]
    spoken = ("main" if language in (original, languages[0]) else "dub" for language in languages)
    return [
        AudioTrack(stream=n, language=language, role=stream.role or role)
        for n, (stream, language, role) in enumerate(zip(accepted.media.audio, languages, spoken, strict=True))
    ]


def replaced_streams(accepted: AcceptedDelivery) -> frozenset[int]:
    """Which of the film's sound streams, counted from 0, a person's file has replaced."""
    replaced = {(track.language, track.role) for track, _ in accepted.sounds}
    return frozenset(t.stream for t in delivered_sound(accepted) if (t.language, t.role) in replaced)


Value = Callable[[str], float | None]
"""QC's measure of one sound track, by its column."""


def _columns(measured: Measured, row: int) -> Value:
    def value(column: str) -> float | None:
        found = measured.get(f"audio{row}_{column}")
        return None if found is None else float(found)

    return value


def _layouts(
    track: AudioTrack | AudioFile, stream: AudioStream, value: Value, targets: AudioTargets
) -> list[AudioRendition]:
    made = targets.renditions(stream.channels)
    return [_audio(track, stream, (codec, channels, kbps), value, targets) for codec, channels, kbps in made]


def _of_file(track: AudioFile, file: StoredTrack, value: Value, targets: AudioTargets) -> list[AudioRendition]:
    if file.stream is None:
        raise InvalidInput("not a sound file", where=file.stored.name, expected="an audio stream")
    own = {"key": file.stored.key, "demuxer": file.demuxer}
    return [r.model_copy(update=own) for r in _layouts(track, file.stream, value, targets)]


def _audio(
    track: AudioTrack | AudioFile,
    stream: AudioStream,
    form: SoundForm,
    value: Value,
    targets: AudioTargets,
) -> AudioRendition:
    codec, channels, kbps = form
    same = stream.channels == channels
    return AudioRendition(
        stream=stream.index,
        language=track.language,
        role=track.role,
        label=track.label or track.language,
        channels=channels,
        bitrate_kbps=kbps,
        measured_lufs=value("lufs") if same else None,
        measured_peak_dbtp=value("peak_dbtp") if same else None,
        target_lufs=targets.lufs,
        target_peak_dbtp=targets.peak_dbtp,
        codec=codec,
    )


def in_place(old: Sequence[Named], new: Sequence[Named], track: Callable[[Named], object]) -> list[Named]:
    """All renditions, track by track: of a track that has new ones those alone, where the old ones stood."""
    order = dict.fromkeys([*map(track, old), *map(track, new)])
    replaced = set(map(track, new))
    return [r for each in order for r in (new if each in replaced else old) if track(r) == each]


def first_of_each_name(renditions: Iterable[Named], what: str) -> tuple[tuple[Named, ...], list[str]]:
    """Names are folders: a second rendition of a name cannot be told from the first."""
    kept: dict[str, Named] = {}
    doubles = [r.name for r in renditions if kept.setdefault(r.name, r) is not r]
    notes = [f"a second {what} track {name!r} is left out: name its role in the sidecar" for name in doubles]
    return tuple(kept.values()), notes
