"""Completes Packager's HLS multivariant playlist: labels, defaults, audio groups, subtitles, thumbnails."""

from collections.abc import Sequence

from marquee.content.media.package.hls_audio import STRINGS, audio_tags, heard_codecs
from marquee.content.media.package.layout import (
    THUMBNAIL_PLAYLIST,
    text_by_preference,
    text_playlist_path,
    unique_labels,
)
from marquee.contracts.plan import Codec, EncodePlan, TextRendition
from marquee.contracts.release import Thumbnails
from marquee.tools.hls import Tag, quoted, tags

SDH = "public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound"
SAMPLE_ENTRIES = {"avc1": Codec.H264, "vp09": Codec.VP9, "av01": Codec.AV1, "hvc1": Codec.HEVC}
HEAD = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]


def master(text: str, plan: EncodePlan, default_language: str, thumbnails: Thumbnails, image_bitrate: int) -> str:
    """Packager's multivariant playlist, completed. `image_bitrate` of the sprite sheets in bit/s."""
    lines = text.splitlines()
    media = [
        *audio_tags(tags(lines, "EXT-X-MEDIA"), plan.audio, default_language),
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
    """A variant with its subtitles, the codecs of borrowed sound, and its dynamic range.

    Packager leaves a short last segment out of the peak, which can then lie below the average.
    """
    attributes = {"SUBTITLES": '"text"'} if plan.text else {}
    attributes["BANDWIDTH"] = max(tag["BANDWIDTH"], tag["AVERAGE-BANDWIDTH"], key=int)
    if borrowed := heard_codecs(plan.audio).get(tag["AUDIO"], ())[1:]:
        attributes["CODECS"] = quoted(",".join([tag["CODECS"], *(STRINGS[codec] for codec in borrowed)]))
    if plan.picture.hdr:
        attributes["VIDEO_RANGE"] = plan.picture.range_in(SAMPLE_ENTRIES[tag["CODECS"][:4]])
    return tag.having(**attributes)


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


def _image_tag(thumbnails: Thumbnails, bitrate: int) -> Tag:
    size = f"{thumbnails.tile_width}x{thumbnails.tile_height}"
    uri = quoted(THUMBNAIL_PLAYLIST.removeprefix("hls/"))
    attributes = {"BANDWIDTH": str(bitrate), "RESOLUTION": size, "CODECS": '"jpeg"', "URI": uri}
    return Tag("EXT-X-IMAGE-STREAM-INF", attributes)
