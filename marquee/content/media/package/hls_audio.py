"""Sound in the HLS multivariant playlist: a group for each codec and channel count, of all languages and roles."""

from collections.abc import Sequence

from marquee.content.media.package.layout import by_preference, group_name, unique_labels
from marquee.contracts.plan import AudioCodec, AudioRendition
from marquee.tools.hls import Tag, quoted

STRINGS = {AudioCodec.AAC: "mp4a.40.2", AudioCodec.EAC3: "ec-3", AudioCodec.OPUS: "opus"}  # RFC 6381


def audio_tags(given: Sequence[Tag], audio: Sequence[AudioRendition], default_language: str) -> list[Tag]:
    """One tag per rendition and group, one default per group.

    A group that lacks a rendition of another borrows it, so that no language vanishes when a player moves to the
    group with more channels.
    """
    by_name = {tag["NAME"]: tag for tag in given}
    out: list[Tag] = []
    for group, (own, borrowed) in _groups(audio).items():
        members = by_preference([*own, *borrowed], default_language)
        labels = unique_labels(members)
        out += [
            by_name[member.name].having(
                GROUP_ID=quoted(group),
                NAME=quoted(labels[member.name]),
                DEFAULT="YES" if member is members[0] else "NO",
                AUTOSELECT="NO" if member.role == "commentary" else "YES",
            )
            for member in members
        ]
    return out


def heard_codecs(audio: Sequence[AudioRendition]) -> dict[str, list[AudioCodec]]:
    """By group the codecs of its members: its own first, as Packager says it, then those of borrowed ones."""
    return {
        name: list(dict.fromkeys(member.codec for member in (*own, *borrowed)))
        for name, (own, borrowed) in _groups(audio).items()
    }


def _groups(audio: Sequence[AudioRendition]) -> dict[str, tuple[list[AudioRendition], list[AudioRendition]]]:
    """Each group's own renditions, and those that it borrows: the first of each track that it has none of."""
    groups: dict[str, tuple[list[AudioRendition], list[AudioRendition]]] = {}
    for name in sorted(set(map(group_name, audio))):
        own = [a for a in audio if group_name(a) == name]
        held = {(a.language, a.role) for a in own}
        first = {(a.language, a.role): a for a in reversed(audio)}
        groups[name] = own, [a for a in audio if first[a.language, a.role] is a and (a.language, a.role) not in held]
    return groups
