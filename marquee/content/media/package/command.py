"""Shaka Packager's arguments, as pure functions of the plan. All paths are relative to the folder it runs in.

Sources lie under `in/`, the release grows beside it. Free text (labels) never enters a stream descriptor, because
descriptors know no escaping: tracks go by their rendition names and get their labels in the manifests afterwards.
"""

import math
from collections.abc import Sequence

from marquee.content.media.package.layout import (
    MASTER,
    MPD,
    Keys,
    Track,
    audio_track,
    by_preference,
    group_name,
    has_iframes,
    video_track,
)
from marquee.contracts.keys import TrackType
from marquee.contracts.plan import AudioRendition, DrmScheme, EncodePlan, Rung
from marquee.tools.binaries import packager

PURPOSE = "urn:tva:metadata:cs:AudioPurposeCS:2007"  # ETSI TS 102 822-3-1: 1 visually impaired, 2 hard of hearing
ACCESSIBLE = {  # RFC 8216bis, section 4.4.6.1; DASH-IF IOP 4.3, section 3.9.2.2
    "description": {
        "hls_characteristics": "public.accessibility.describes-video",
        "dash_accessibilities": f"{PURPOSE}=1",
    },
    "dialogue-enhanced": {
        "hls_characteristics": "public.accessibility.enhances-speech-intelligibility",
        "dash_accessibilities": f"{PURPOSE}=2",
    },
}
DASH_ROLES = {"dialogue-enhanced": "enhanced-audio-intelligibility"}  # ISO/IEC 23009-1, table 22; others as we say
SYSTEMS = ("Widevine", "PlayReady", "CommonSystem")
DECRYPTION = ["--enable_raw_key_decryption", "--flagfile={secret}"]


def arguments(plan: EncodePlan, default_language: str) -> list[str]:
    """The whole command; sound of the default language comes first.

    With encryption it reads the keys from {secret}: see `flag_file`.
    """
    sound = by_preference(plan.audio, default_language)
    return [
        packager(),
        *(_descriptor(video_track(rung), plan.scheme, _video(rung)) for rung in plan.listed),
        *(_descriptor(audio_track(audio), plan.scheme, _audio(audio)) for audio in sound),
        "--generate_static_live_mpd",
        f"--segment_duration={_segment_duration(plan)}",
        f"--mpd_output={MPD}",
        f"--hls_master_playlist_output={MASTER}",
        "--hls_playlist_type=VOD",
        *_encryption(plan.scheme),
    ]


def unlisted_arguments(plan: EncodePlan, track: Track, constant_iv: str) -> list[str]:
    """The command that packages a second variant so that it can take the place of the first.

    `constant_iv` (hex) is that of the first one's initialisation segment, which stands for both; empty where samples
    have vectors of their own, as under `cenc`.
    """
    return [
        packager(),
        _descriptor(track, plan.scheme, {}),
        f"--segment_duration={_segment_duration(plan)}",
        *_encryption(plan.scheme),
        *([f"--iv={constant_iv}"] if constant_iv else []),
    ]


def later_arguments(
    plan: EncodePlan, members: Sequence[Track], period: int, folder: str, constant_iv: str
) -> list[str]:
    """The command that encrypts segments of a later crypto period anew: from `folder`, into `folder`/made.

    `constant_iv` as in `unlisted_arguments`, or empty for one of each track's own.
    """
    return [
        packager(),
        *(_later(track, period, folder) for track in members),
        f"--segment_duration={_segment_duration(plan)}",
        "--enable_raw_key_decryption",
        *_encryption(plan.scheme),
        *([f"--iv={constant_iv}"] if constant_iv else []),
    ]


def opening(track: Track, source: str, folder: str) -> list[str]:
    """The command that makes clear segments of encrypted ones, put together in `source`, with the keys of {secret}."""
    made = f"init_segment={folder}/init.mp4,segment_template={folder}/$Number$.m4s"
    return [packager(), f"in={source},stream={track.kind},{made}", *DECRYPTION]


def decryption(track: Track, scheme: DrmScheme, source: str, output: str) -> list[str]:
    """The command that makes one clear MP4 file of a packaged track, its segments put together in `source`.

    Of an encrypted one it reads the keys from {secret}: see `flag_file`.
    """
    clear = [] if scheme is DrmScheme.NONE else DECRYPTION
    return [packager(), f"in={source},stream={track.kind},output={output}", *clear]


def flag_file(keys: Keys) -> bytes:
    """The flags that hold the keys; passed through a pipe, so that they stand in no argument list and on no disk."""
    each = (
        f"label={_key_label(track, period)}:key_id={key.kid}:key={key.reveal().hex()}"
        for track, first in sorted(keys.items())
        for period, key in enumerate(first.periods)
    )
    return f"--keys={','.join(each)}\n".encode()


def _key_label(track: TrackType, period: int) -> str:
    return f"{track.value}.{period}" if period else track.value


def _later(track: Track, period: int, folder: str) -> str:
    source, made = f"{folder}/{track.folder}.mp4", f"{folder}/made/{track.folder}"
    written = f"init_segment={made}/init.mp4,segment_template={made}/$Number$.m4s"
    return f"in={source},stream={track.kind},{written},drm_label={_key_label(track.protection, period)}"


def _encryption(scheme: DrmScheme) -> list[str]:
    if scheme is DrmScheme.NONE:
        return []
    return [
        "--enable_raw_key_encryption",
        f"--protection_scheme={scheme.value}",
        f"--protection_systems={','.join(SYSTEMS)}",
        "--clear_lead=0",
        "--flagfile={secret}",
    ]


def _descriptor(track: Track, scheme: DrmScheme, more: dict[str, str]) -> str:
    label = {} if scheme is DrmScheme.NONE else {"drm_label": track.protection.value}
    playlist = {"playlist_name": track.playlist.removeprefix("hls/")} if track.listed else {}
    fields = {
        "in": f"in/{track.folder}.mp4",
        "stream": track.kind,
        "init_segment": f"{track.folder}/init.mp4",
        "segment_template": f"{track.folder}/$Number$.m4s",
        **playlist,
        **label,
        **more,
    }
    return ",".join(f"{name}={value}" for name, value in fields.items())


def _video(rung: Rung) -> dict[str, str]:
    if not has_iframes(rung):
        return {}
    return {"iframe_playlist_name": video_track(rung).iframes.removeprefix("hls/")}


def _audio(rendition: AudioRendition) -> dict[str, str]:
    return {
        "language": rendition.language,
        "hls_name": rendition.name,
        "hls_group_id": group_name(rendition),
        "dash_label": rendition.name,
        "dash_roles": DASH_ROLES.get(rendition.role, rendition.role),
        **ACCESSIBLE.get(rendition.role, {}),
    }


def _segment_duration(plan: EncodePlan) -> str:
    """Seconds, rounded down: a target a hair above the true length would make Packager join two segments."""
    return f"{math.floor(plan.grid.segment_s * 1_000_000) / 1_000_000:.6f}"
