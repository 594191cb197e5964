"""A second reading of the HLS playlists, by a parser that is not ours (m3u8), against the rules of RFC 8216bis."""

import posixpath
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import m3u8

from marquee.content.media.package.layout import MASTER
from marquee.contracts.errors import GateFailed

LENGTH_SLACK_S = 1e-5  # between playlists of one presentation, whose sums are of microseconds
LEAST_VERSION = 6  # EXT-X-MAP outside I-frame playlists (section 8)
RATE_SLACK = 1.01  # the containers' rounding


def check_hls(release: Path) -> set[str]:
    """Check the playlists; the files that they name. Raises GateFailed naming the playlist and the rule it breaks."""
    master = _read(release, MASTER)
    if not master.is_variant or not master.is_independent_segments:
        raise GateFailed("no multivariant playlist of independent segments", where=MASTER)
    _check_groups(master)
    _check_variants(master)
    named, lengths = set[str](), dict[str, float]()
    for playlist in sorted(set(_playlists(master))):
        media = _read(release, playlist)
        _check_media(media, playlist)
        lengths[playlist] = sum(segment.duration for segment in media.segments)
        named |= {playlist, *_files(media, playlist)}
    _check_lengths(lengths)
    _check_rates(master, release)
    return named


def _read(release: Path, playlist: str) -> Any:
    try:
        text = (release / playlist).read_text()
        if not text.startswith("#EXTM3U\n"):
            raise GateFailed("does not begin with #EXTM3U (section 4.4.1.1)", where=playlist)
        return m3u8.loads(text)
    except OSError:
        raise GateFailed("a playlist that is named is not there", where=playlist) from None
    except (ValueError, AttributeError, KeyError) as error:
        raise GateFailed(f"m3u8 cannot read it: {error}", where=playlist) from None


def _check_groups(master: Any) -> None:
    """Section 4.4.6.1: names are unique in a group, one default at most, and a default is chosen by itself."""
    groups: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for each in master.media:
        groups[each.type, each.group_id].append(each)
    for (kind, name), members in groups.items():
        where = f"{MASTER}: {kind} {name}"
        if repeated := [label for label, count in Counter(m.name for m in members).items() if count > 1]:
            raise GateFailed("a name twice in a group", where=where, got=", ".join(repeated))
        if sum(m.default == "YES" for m in members) > 1:
            raise GateFailed("several defaults in a group", where=where)
        if odd := [m.name for m in members if m.default == "YES" and m.autoselect == "NO"]:
            raise GateFailed("a default that is not chosen by itself", where=where, got=", ".join(odd))
        if kind != "SUBTITLES" and any(m.forced for m in members):
            raise GateFailed("FORCED on what is no subtitle", where=where)


def _check_variants(master: Any) -> None:
    """Section 4.4.6.2: what a variant has to say, and that the groups it names are there."""
    known = {(each.type, each.group_id) for each in master.media}
    for variant in master.playlists:
        said, where = variant.stream_info, f"{MASTER}: {variant.uri}"
        if lacking := [n for n in ("bandwidth", "codecs", "resolution", "frame_rate") if not getattr(said, n)]:
            raise GateFailed("a variant lacks attributes", where=where, expected=", ".join(lacking))
        if said.average_bandwidth and said.average_bandwidth > said.bandwidth:
            raise GateFailed("the average is above the peak", where=where, got=str(said.average_bandwidth))
        for kind, group in (("AUDIO", said.audio), ("SUBTITLES", said.subtitles)):
            if group and (kind, group) not in known:
                raise GateFailed("a group that is not there", where=where, got=group)


def _playlists(master: Any) -> Iterator[str]:
    for each in (*master.playlists, *master.media, *master.iframe_playlists, *master.image_playlists):
        if each.uri:
            yield _path(MASTER, each.uri)


def _check_media(media: Any, where: str) -> None:
    """Sections 4.4.3 and 8: an end, a target that no segment exceeds, the version of what is used."""
    if not media.segments or not media.is_endlist or media.playlist_type.upper() != "VOD":
        raise GateFailed("no finished playlist of type VOD", where=where)
    if longest := [s.duration for s in media.segments if round(s.duration) > media.target_duration]:
        raise GateFailed(
            "a segment above the target", where=where, expected=str(media.target_duration), got=str(longest)
        )
    if media.segment_map and int(media.version or 1) < LEAST_VERSION:
        raise GateFailed("too low a version", where=where, expected=str(LEAST_VERSION), got=str(media.version))


def _files(media: Any, playlist: str) -> Iterator[str]:
    yield from (_path(playlist, each.uri) for each in media.segment_map)
    yield from (_path(playlist, each.uri) for each in media.segments)


def _check_lengths(lengths: dict[str, float]) -> None:
    """Section 6.2.4: all renditions are of one presentation."""
    shortest, longest = min(lengths, key=lambda p: lengths[p]), max(lengths, key=lambda p: lengths[p])
    if lengths[longest] - lengths[shortest] > LENGTH_SLACK_S:
        expected, got = f"{lengths[longest]:.3f} s as {longest}", f"{lengths[shortest]:.3f} s"
        raise GateFailed("the renditions differ in length", where=shortest, expected=expected, got=got)


def _check_rates(master: Any, release: Path) -> None:
    """Section 4.4.6.2: BANDWIDTH is no less than the peak of the variant's own segments."""
    for variant in master.playlists:
        playlist = _path(MASTER, variant.uri)
        media = _read(release, playlist)
        sizes = [(release / _path(playlist, s.uri)).stat().st_size for s in media.segments]
        peak = peak_rate([s.duration for s in media.segments], sizes, media.target_duration)
        if peak > variant.stream_info.bandwidth * RATE_SLACK:
            expected, got = f"{variant.stream_info.bandwidth} bit/s at most", f"{peak:.0f}"
            raise GateFailed("BANDWIDTH is below the peak", where=playlist, expected=expected, got=got)


def peak_rate(lengths: Sequence[float], sizes: Sequence[int], target_s: float) -> float:
    """Bit/s of the dearest segment. One of less than half the target, as the last may be, does not count (section 4.1),
    unless all are so short. Lengths are in seconds, sizes in bytes.
    """
    least_s = min(target_s / 2, max(lengths))
    return max(8 * size / seconds for seconds, size in zip(lengths, sizes, strict=True) if seconds >= least_s)


def _path(playlist: str, uri: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(playlist), uri))
