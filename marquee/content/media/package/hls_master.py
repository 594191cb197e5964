"""Completes Packager's HLS multivariant playlist: labels, defaults, audio groups, subtitles, thumbnails."""

from collections.abc import Sequence

from marquee.content.media.package.layout import (
    THUMBNAIL_PLAYLIST,
    by_preference,
    text_by_preference,
    text_playlist_path,
)
from marquee.contracts.plan import AudioRendition, Codec, EncodePlan, TextRendition
from marquee.contracts.release import Thumbnails
from marquee.tools.hls import Tag, quoted, tags

SDH = "public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound"
SAMPLE_ENTRIES = {"avc1": Codec.H264, "vp09": Codec.VP9, "av01": Codec.AV1, "hvc1": Codec.HEVC}
HEAD = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]


def master(text: str, plan: EncodePlan, default_language: str, thumbnails: Thumbnails, image_bitrate: int) -> str:
    """Packager's multivariant playlist, completed. `image_bitrate` of the sprite sheets in bit/s."""
    lines = text.splitlines()
    media = [
        *_audio_tags(tags(lines, "EXT-X-MEDIA"), plan.audio, default_language),
        *_text_tags(text_by_preference(plan.text)),
    ]
    variants: list[str] = []
    for line in lines:
        tag = Tag.parse(line)
        if tag and tag.name == "EXT-X-STREAM-INF":
            variants.append(str(_variant(tag, plan)))
        elif (tag and tag.name == "EXT-X-I-FRAME-STREAM-INF") or (line and not line.startswith("#")):
            variants.append(line)
    return "\n".join([*HEAD, *map(str, media), *variants, str(_image_tag(thumbnails, image_bitrate))]) + "\n"


def _variant(tag: Tag, plan: EncodePlan) -> Tag:
    """A variant with its subtitles, and its dynamic range where some have more than SDR."""
    attributes = {"SUBTITLES": '"text"'} if plan.text else {}
    if plan.picture.hdr:
        attributes["VIDEO_RANGE"] = plan.picture.range_in(SAMPLE_ENTRIES[tag["CODECS"][:4]])
    return tag.having(**attributes)


def _audio_tags(given: Sequence[Tag], audio: Sequence[AudioRendition], default_language: str) -> list[Tag]:
    """One tag per rendition and group, one default per group.

    A group that lacks a rendition of another borrows it, so that no language vanishes when a player moves to the
    group with more channels.
    """
    by_name = {tag["NAME"]: tag for tag in given}
    out: list[Tag] = []
    for group in sorted({tag["GROUP-ID"] for tag in given}):
        own = [a for a in audio if by_name[a.name]["GROUP-ID"] == group]
        held = {(a.language, a.role) for a in own}
        borrowed = [a for a in audio if (a.language, a.role) not in held]
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


def _text_tags(text: Sequence[TextRendition]) -> list[Tag]:
    labels = unique_labels(text)
    return [_text_tag(rendition, labels[rendition.name]) for rendition in text]


def _text_tag(rendition: TextRendition, label: str) -> Tag:
    attributes = {
        "TYPE": "SUBTITLES",
        "URI": quoted(text_playlist_path(rendition.name).removeprefix("hls/")),
        "GROUP-ID": '"text"',
        "LANGUAGE": quoted(rendition.language),
        "NAME": quoted(label),
        "DEFAULT": "NO",
        "AUTOSELECT": "YES",
        "FORCED": "YES" if rendition.kind == "forced" else "NO",
    }
    return Tag("EXT-X-MEDIA", attributes | ({"CHARACTERISTICS": quoted(SDH)} if rendition.kind == "sdh" else {}))


def unique_labels(renditions: Sequence[AudioRendition] | Sequence[TextRendition]) -> dict[str, str]:
    """Labels by rendition name; a repeated one is told apart by that name (NAME is unique in a group, RFC 8216)."""
    labels: dict[str, str] = {}
    for rendition in renditions:
        taken = rendition.label in labels.values()
        labels[rendition.name] = f"{rendition.label} ({rendition.name})" if taken else rendition.label
    return labels


def _image_tag(thumbnails: Thumbnails, bitrate: int) -> Tag:
    size = f"{thumbnails.tile_width}x{thumbnails.tile_height}"
    uri = quoted(THUMBNAIL_PLAYLIST.removeprefix("hls/"))
    attributes = {"BANDWIDTH": str(bitrate), "RESOLUTION": size, "CODECS": '"jpeg"', "URI": uri}
    return Tag("EXT-X-IMAGE-STREAM-INF", attributes)
