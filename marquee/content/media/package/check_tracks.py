"""Rules of audio and video tracks: encrypted throughout as declared, whole, on the time grid."""

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from marquee.content.media.package.layout import Keys, Track
from marquee.content.media.package.sample_entry import static_metadata
from marquee.content.media.package.segments import Init, Segment, presented, read_init, read_segment
from marquee.contracts.errors import GateFailed
from marquee.contracts.plan import DrmScheme, EncodePlan

SYSTEMS = {
    "common": "1077efecc0b24d02ace33c1e52e2fb4b",
    "PlayReady": "9a04f07998404286ab92e65be0885f95",
    "Widevine": "edef8ba979d64acea3c827dcd51d21ed",
}
AUDIO_SLACK_S = 0.5  # how far a sound track may end before or after the picture


@dataclass(frozen=True)
class Seen:
    """A track as found: presentation seconds of each segment."""

    track: Track
    durations: tuple[float, ...]


def check_track(release: Path, track: Track, plan: EncodePlan, keys: Keys) -> Seen:
    """Check one track's files. Raises GateFailed."""
    init = read_init(release / track.init())
    paths = track.segments(release)
    if [path.name for path in paths] != [f"{n}.m4s" for n in range(1, len(paths) + 1)] or not paths:
        raise GateFailed("segments are missing", where=track.folder, expected="1.m4s, 2.m4s …", got=str(len(paths)))
    segments = [read_segment(path, init) for path in paths]
    _check_init(init, track, plan.scheme, keys)
    for period in range(1, plan.crypto_periods if keys else 1):
        _check_later_init(release, track, init, period, keys[track.protection].periods[period].kid)
    for number, segment in enumerate(segments, start=1):
        where = f"{track.folder}/{number}.m4s"
        _check_protection(segment, where, encrypted=plan.scheme is not DrmScheme.NONE)
        _expect("key of its own", _group(plan, track, keys, number), segment.group, where)
    _check_contiguous(segments, track)
    durations = presented(init, segments)
    _check_grid(durations, track, plan)
    if track.kind == "video":
        _expect("frames", plan.picture.frames, sum(s.samples for s in segments), track.folder)
        _expect("static HDR metadata", static_metadata(plan, track), init.hdr, track.init())
    return Seen(track, tuple(durations))


def _expect(what: str, expected: object, got: object, where: str) -> None:
    if expected != got:
        raise GateFailed(f"wrong {what}", where=where, expected=str(expected), got=str(got))


def _check_init(init: Init, track: Track, scheme: DrmScheme, keys: Keys) -> None:
    where = track.init()
    _expect("number of sample entries", 1, len(init.entries), where)
    if scheme is DrmScheme.NONE:
        _expect("protection", (None, {}), (init.scheme, init.pssh), where)
        return
    kid = keys[track.protection].kid
    _expect("sample entry", "encv" if track.kind == "video" else "enca", init.entries[0], where)
    _expect("protection scheme", scheme.value, init.scheme, where)
    _expect("key id", kid, init.kid, where)
    _expect("DRM systems", set(SYSTEMS.values()), set(init.pssh), where)
    if lacking := {key.kid for key in keys[track.protection].periods} - set(init.pssh[SYSTEMS["common"]]):
        expected = ", ".join(sorted(lacking))
        raise GateFailed("the common PSSH does not list the track's key", where=where, expected=expected)


def _check_later_init(release: Path, track: Track, init: Init, period: int, kid: str) -> None:
    """That of a later crypto period is the first one's but for the key."""
    where = track.init(period)
    later = read_init(release / where)
    _expect("key id", kid, later.kid, where)
    same = replace(later, kid=init.kid, constant_iv=init.constant_iv)
    _expect("initialisation segment of a crypto period", init, same, where)


def _group(plan: EncodePlan, track: Track, keys: Keys, number: int) -> str:
    """The key id that a segment has to say; of the first crypto period the initialisation segment says it."""
    period = plan.crypto_period(number)
    return keys[track.protection].periods[period].kid if keys and period else ""


def _check_protection(segment: Segment, where: str, *, encrypted: bool) -> None:
    _expect("number of encrypted samples", segment.samples if encrypted else 0, segment.protected_samples, where)
    if segment.overrides:
        raise GateFailed("some samples leave the track's protection", where=where)
    if encrypted and segment.protected_bytes == 0:
        raise GateFailed("the subsample maps leave every byte in the clear", where=where)


def _check_contiguous(segments: list[Segment], track: Track) -> None:
    _expect("start", 0, segments[0].start, f"{track.folder}/1.m4s")
    for number, (before, after) in enumerate(pairwise(segments), start=2):
        _expect("start", before.start + before.duration, after.start, f"{track.folder}/{number}.m4s")


def _check_grid(durations: list[float], track: Track, plan: EncodePlan) -> None:
    """All segments have the grid's length, only the last may be shorter; all tracks end together."""
    target = float(plan.grid.segment_s)
    slack, end_slack = track.slack_s, AUDIO_SLACK_S if track.kind == "audio" else track.slack_s
    for number, seconds in enumerate(durations, start=1):
        short = target - seconds > slack and number < len(durations)
        if short or seconds - target > slack:
            where = f"{track.folder}/{number}.m4s"
            raise GateFailed("off the grid", where=where, expected=f"{target:.3f} s", got=f"{seconds:.3f} s")
    if abs(sum(durations) - plan.duration_s) > end_slack:
        expected, got = f"{plan.duration_s:.3f} s", f"{sum(durations):.3f} s"
        raise GateFailed("the tracks do not end together", where=track.folder, expected=expected, got=got)
