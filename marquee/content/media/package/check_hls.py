"""Rules of the HLS playlists: all renditions listed, keys complete, durations those of the segments."""

import re
import uuid
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path, PurePosixPath

from marquee.content.media.package.check_tracks import Seen
from marquee.content.media.package.hls_audio import heard_codecs
from marquee.content.media.package.hls_media import (
    FAIRPLAY,
    IDENTITY,
    METHOD,
    PLAYREADY,
    WIDEVINE,
    durations,
    key_formats,
    segment_number,
)
from marquee.content.media.package.layout import (
    MASTER,
    THUMBNAIL_PLAYLIST,
    Keys,
    Track,
    has_iframes,
    text_playlist_path,
    video_track,
)
from marquee.contracts.errors import GateFailed
from marquee.contracts.plan import AudioCodec, Codec, DrmScheme, EncodePlan
from marquee.tools.hls import Tag, tags, uris

CODEC_STRINGS = {  # RFC 6381 and the codecs' own bindings
    Codec.H264: r"avc1\.[0-9a-f]{6}",
    Codec.AV1: r"av01\.\d\.\d\d[MH]\.\d\d(\.\S+)?",
    Codec.HEVC: r"hvc1\.[1-4]\.[0-9A-F]+\.[LH]\d+(\.[0-9A-F]{1,2}){0,6}",
    Codec.VP9: r"vp09\.\d\d\.\d\d\.\d\d(\.\S+)?",
}
SOUND_STRINGS = {
    AudioCodec.AAC: r"mp4a\.40\.(2|5|29)",
    AudioCodec.EAC3: r"ec-3",
    AudioCodec.OPUS: r"opus",
}
MICROSECOND = 1e-6  # what playlists say is rounded to it


def check_hls(release: Path, plan: EncodePlan, keys: Keys, seen: Sequence[Seen]) -> None:
    """Check the multivariant playlist and all media playlists. Raises GateFailed."""
    lines = (release / MASTER).read_text().splitlines()
    _check_listed(lines, plan, seen)
    _check_variants(lines, plan)
    for each in seen:
        text = (release / each.track.playlist).read_text()
        _check_durations(text, each, plan)
        _check_keys(text, each.track.playlist, each.track, plan, keys)
        if (iframes := release / each.track.iframes).exists():
            _check_keys(iframes.read_text(), each.track.iframes, each.track, plan, keys)
            _check_ranges(iframes.read_text(), each.track, release)


def _check_listed(lines: Sequence[str], plan: EncodePlan, seen: Sequence[Seen]) -> None:
    expected = {each.track.playlist for each in seen} | {text_playlist_path(t.name) for t in plan.text}
    expected |= {video_track(rung).iframes for rung in plan.listed if has_iframes(rung)} | {THUMBNAIL_PLAYLIST}
    listed = {f"hls/{uri}" for uri in uris("\n".join(lines))}
    if listed != expected:
        odd = ", ".join(sorted(listed ^ expected))
        raise GateFailed("the renditions listed are not those of the plan", where=MASTER, got=odd)


def _check_variants(lines: Sequence[str], plan: EncodePlan) -> None:
    rungs = {f"video-{rung.name}.m3u8": rung for rung in plan.listed}
    heard = heard_codecs(plan.audio)
    for line, uri in pairwise(lines):
        tag = Tag.parse(line)
        if tag is None or tag.name != "EXT-X-STREAM-INF":
            continue
        rung = rungs[uri]
        sounds = heard.get(tag["AUDIO"], ())
        pattern = ",".join([CODEC_STRINGS[rung.codec], *(SOUND_STRINGS[codec] for codec in sounds)])
        if not re.fullmatch(pattern, tag["CODECS"]):
            raise GateFailed(f"odd CODECS for {uri}", where=MASTER, expected=pattern, got=tag["CODECS"])
        if tag["RESOLUTION"] != f"{rung.width}x{rung.height}":
            expected = f"{rung.width}x{rung.height}"
            raise GateFailed(f"wrong RESOLUTION for {uri}", where=MASTER, expected=expected, got=tag["RESOLUTION"])
        if (tag["VIDEO-RANGE"] or "SDR") != (expected := plan.picture.range_in(rung.codec)):
            raise GateFailed(f"wrong VIDEO-RANGE for {uri}", where=MASTER, expected=expected, got=tag["VIDEO-RANGE"])


def _check_durations(text: str, each: Seen, plan: EncodePlan) -> None:
    """Each segment ends where it says, to a microsecond; and the last one where the programme does."""
    where = each.track.playlist
    said = durations(text)
    ends, expected = list(accumulate(said)), [*list(accumulate(each.durations))[:-1], plan.duration_s]
    if len(said) != len(each.durations) or any(abs(a - b) > MICROSECOND for a, b in zip(ends, expected, strict=True)):
        right, got = ([f"{s:.6f}" for s in row] for row in (expected, ends))
        raise GateFailed("segments end elsewhere than they say", where=where, expected=str(right), got=str(got))
    if min(said) <= 0:
        raise GateFailed("a segment of no duration", where=where, got=f"{min(said):.6f} s")
    if not text.rstrip().endswith("#EXT-X-ENDLIST"):
        raise GateFailed("the playlist is open-ended", where=where, expected="#EXT-X-ENDLIST")


def _check_keys(text: str, where: str, track: Track, plan: EncodePlan, keys: Keys) -> None:
    """Where a crypto period begins, a key tag of each key system, and nowhere else."""
    found: dict[int, list[Tag]] = defaultdict(list)
    for number, tag in key_tags(text):
        found[number].append(tag)
    numbers = map(segment_number, uris("\n".join(re.findall(r"(?m)^[^#].*", text))))
    begins = {plan.crypto_period(n): n for n in sorted(numbers, reverse=True)} if keys else {}
    if lost := sorted(set(found) ^ set(begins.values())):
        right = "keys before segments " + ", ".join(map(str, sorted(begins.values())))
        raise GateFailed("wrong key tags", where=where, expected=right, got=f"another at segment {lost[0]}")
    for period, number in begins.items():
        _check_tags(found[number], where, plan.scheme, keys[track.protection].periods[period].kid)
    expected = [f"../{track.init(period)}" for period in sorted(begins)] or [f"../{track.init()}"]
    if (maps := [tag["URI"] for tag in tags(text.splitlines(), "EXT-X-MAP")]) != expected:
        raise GateFailed("other initialisation segments", where=where, expected=str(expected), got=str(maps))


def key_tags(text: str) -> Iterator[tuple[int, Tag]]:
    """The key tags of a media playlist, each with the number of the segment that it stands before."""
    waiting: list[Tag] = []
    for line in text.splitlines():
        tag = Tag.parse(line)
        if tag and tag.name == "EXT-X-KEY":
            waiting.append(tag)
        elif not line.startswith("#"):
            yield from ((segment_number(line), each) for each in waiting)
            waiting.clear()


def _check_tags(found: Sequence[Tag], where: str, scheme: DrmScheme, kid: str) -> None:
    formats, expected = sorted(tag["KEYFORMAT"] for tag in found), sorted(key_formats(scheme))
    if formats != expected:
        raise GateFailed("wrong key tags", where=where, expected=str(expected), got=str(formats))
    for tag in found:
        if tag["METHOD"] != METHOD[scheme] or not _names(tag, kid):
            expected_tag = f"{METHOD[scheme]} with key {kid}"
            raise GateFailed("a key tag of another key or method", where=where, expected=expected_tag, got=str(tag))


def _header(uri: str) -> str:
    """PlayReady's header in a data URI; empty where that holds none."""
    try:
        return b64decode(uri.rpartition(",")[2]).decode("utf-16-le", "ignore")
    except ValueError:
        return ""


def _guid(kid: str) -> str:
    """A key id as PlayReady writes it."""
    return b64encode(uuid.UUID(kid).bytes_le).decode()


def _check_ranges(text: str, track: Track, release: Path) -> None:
    """An I-frame's range begins with its fragment and ends within its samples."""
    for length, offset, uri in re.findall(r"(?m)^#EXT-X-BYTERANGE:(\d+)@(\d+)\n(.*)$", text):
        at = int(offset)
        segment = (release / track.folder / PurePosixPath(uri).name).read_bytes()
        head = int.from_bytes(segment[at : at + 4], "big")
        if segment[at + 4 : at + 8] != b"moof" or not head < int(length) <= len(segment) - at:
            where = f"{track.iframes}: {uri}"
            raise GateFailed("not the range of an I-frame", where=where, got=f"{length} bytes from {offset}")


def _names(tag: Tag, kid: str) -> bool:
    """Whether a key tag is for this key, where the format says so in the open."""
    said = {
        IDENTITY: kid in tag["URI"],
        FAIRPLAY: tag["URI"] == f"skd://{kid}",
        WIDEVINE: tag["KEYID"] == f"0x{kid}",
        PLAYREADY: tag["KEYFORMAT"] == PLAYREADY and _guid(kid) in _header(tag["URI"]),
    }
    return said.get(tag["KEYFORMAT"], True)
