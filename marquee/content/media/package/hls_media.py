"""Completes Packager's HLS media playlists: addresses, key tags; makes those of subtitles and thumbnails."""

import math
import re
from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import PurePosixPath

from marquee.content.media.package.crypto_periods import Period
from marquee.content.media.package.layout import Track
from marquee.contracts.plan import DrmScheme
from marquee.contracts.release import Thumbnails
from marquee.tools.hls import Tag, quoted, tags, vod

METHOD = {DrmScheme.CBCS: "SAMPLE-AES", DrmScheme.CENC: "SAMPLE-AES-CTR"}
IDENTITY = "identity"
WIDEVINE = "urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"
PLAYREADY = "com.microsoft.playready"
FAIRPLAY = "com.apple.streamingkeydelivery"
UTF16 = "data:text/plain;charset=UTF-16;base64,"
_EXTINF = re.compile(r"(?m)^#EXTINF:([0-9.]+)")
OF_A_SEGMENT = ("#EXTINF:", "#EXT-X-BYTERANGE:")


def key_formats(scheme: DrmScheme) -> tuple[str, ...]:
    """The KEYFORMATs every encrypted playlist carries. FairPlay knows cbcs only, and is left out under cenc."""
    common = (IDENTITY, WIDEVINE, PLAYREADY)
    return (*common, FAIRPLAY) if scheme is DrmScheme.CBCS else common


def media_playlist(text: str, track: Track, scheme: DrmScheme, periods: Sequence[Period], key_url: str) -> str:
    """A media playlist of Packager's with addresses relative to hls/, and where a key begins one tag per key system.

    `key_url` is a template with {kid}: where a player of the identity format fetches the raw key.
    """
    lines = text.splitlines()
    keys = {period.first: _key_tags(lines, period, scheme, key_url) for period in periods}
    maps = {period.first: str(Tag("EXT-X-MAP", {"URI": quoted(_address(track, period.init))})) for period in periods}
    out: list[str] = []
    about: list[str] = []  # the lines of the segment that comes next
    for line in lines:
        tag = Tag.parse(line)
        if tag and tag.name == "EXT-X-MAP":
            out += [*keys.pop(1, []), str(tag.having(URI=quoted(_address(track, tag["URI"]))))]
        elif not line.startswith("#"):
            begun = keys.pop(number := segment_number(line), [])
            out += [*begun, *([maps[number]] if begun else []), *about, _address(track, line)]
            about.clear()
        elif line.startswith(OF_A_SEGMENT):
            about.append(line)
        elif not line.startswith(("#EXT-X-KEY", "## ")):
            out.append(line)
    return "\n".join(out) + "\n"


def timed(text: str, duration_s: float, seconds: Sequence[float] = ()) -> str:
    """A playlist whose last segment ends with the programme, which lasts `duration_s`; times are in microseconds.

    `seconds` are the segments' real durations; without them those before the last stay as they are. Packager rounds
    each to a millisecond, so that one track's sum is less than another's; and where a player takes the first tracks'
    end for the programme's, as Shaka does, a track that says less never ends.
    """
    said = seconds or durations(text)
    ends = [round(end, 6) for end in (*accumulate(said[:-1], initial=0.0), duration_s)]
    exact = iter([end - begin for begin, end in pairwise(ends)])
    return _EXTINF.sub(lambda _: f"#EXTINF:{next(exact):.6f}", text)


def durations(text: str) -> list[float]:
    """What a playlist says its segments last, in seconds."""
    return [float(seconds) for seconds in _EXTINF.findall(text)]


def segment_number(uri: str) -> int:
    """Which of its track a media segment is, from 1. Raises ValueError for another address."""
    return int(PurePosixPath(uri).stem)


def _address(track: Track, uri: str) -> str:
    """Packager writes addresses as seen from where it ran; only the file's name is of use."""
    return f"../{track.folder}/{PurePosixPath(uri).name}"


def _key_tags(lines: Sequence[str], period: Period, scheme: DrmScheme, key_url: str) -> list[str]:
    """Packager's Widevine and PlayReady tags with the period's key; identity and FairPlay anew: it gets them wrong."""
    kid = period.kid
    given = {tag["KEYFORMAT"]: _of_period(tag, period) for tag in tags(lines, "EXT-X-KEY")}
    ours = {
        name: Tag(
            "EXT-X-KEY",
            {
                "METHOD": METHOD[scheme],
                "URI": quoted(uri),
                "KEYFORMAT": quoted(name),
                "KEYFORMATVERSIONS": '"1"',
            },
        )
        for name, uri in ((IDENTITY, key_url.format(kid=kid)), (FAIRPLAY, f"skd://{kid}"))
    }
    return [str((given | ours)[name]) for name in key_formats(scheme)]


def _of_period(tag: Tag, period: Period) -> Tag:
    own = {"KEYID": f"0x{period.kid}", "IV": f"0x{period.constant_iv}"}
    if tag["KEYFORMAT"] == PLAYREADY:
        own["URI"] = quoted(UTF16 + period.playready)
    return tag.having(**{name: value for name, value in own.items() if tag[name]})


def text_playlist(name: str, duration_s: float) -> str:
    """A subtitle track as one segment: a film's WebVTT is smaller than one video segment."""
    return vod(math.ceil(duration_s), [f"#EXTINF:{duration_s:.6f},", f"../text/{name}/{name}.vtt"])


def image_playlist(thumbnails: Thumbnails, duration_s: float) -> str:
    """The sprite sheets, as in Roku's "HLS image media playlists": RESOLUTION is that of one tile."""
    layout = {
        "RESOLUTION": f"{thumbnails.tile_width}x{thumbnails.tile_height}",
        "LAYOUT": f"{thumbnails.columns}x{thumbnails.rows}",
        "DURATION": f"{thumbnails.interval_s:g}",
    }
    lines = ["#EXT-X-IMAGES-ONLY"]
    for index in range(len(thumbnails.sheets)):
        seconds = min(thumbnails.sheet_s, duration_s - index * thumbnails.sheet_s)
        lines += [f"#EXTINF:{seconds:.6f},", str(Tag("EXT-X-TILES", layout)), f"../thumbs/{index + 1}.jpg"]
    return vod(math.ceil(thumbnails.sheet_s), lines)
