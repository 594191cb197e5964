"""Packages a release: runs Packager, completes its manifests, writes the release folder."""

import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from marquee.content.media.package import dash, hls_master, hls_media
from marquee.content.media.package import thumbnails as sprites
from marquee.content.media.package.command import arguments, flag_file, unlisted_arguments
from marquee.content.media.package.crypto_periods import Period, encrypt_periods
from marquee.content.media.package.layout import (
    MASTER,
    MPD,
    THUMBNAIL_PLAYLIST,
    THUMBNAIL_TRACK,
    Keys,
    Track,
    require_keys,
    text_path,
    text_playlist_path,
    tracks,
    unlisted_tracks,
)
from marquee.content.media.package.sample_entry import static_metadata, with_boxes
from marquee.content.media.package.segments import presented, read_init, read_segment
from marquee.contracts.plan import EncodePlan
from marquee.contracts.release import Thumbnails
from marquee.tools.process import run

BASE_TIMEOUT_S = 120

Periods = Mapping[Track, Sequence[Period]]

Made = Callable[[str], Path]
"""What was encoded, as a local file, by its name: `video/h264-720p.mp4`, `text/en.vtt`, `thumbs/1.jpg`; or NotFound."""


@dataclass(frozen=True)
class Addresses:
    """What manifests say of key servers. By default nothing absolute: the player learns the server from the API.

    `key_url` is where HLS players of the identity key format fetch a raw key, with {kid}; `clearkey_url`, if any,
    the ClearKey licence server in the MPD.
    """

    key_url: str = "/v1/licences/keys/{kid}"
    clearkey_url: str | None = None


def package(
    plan: EncodePlan,
    made: Made,
    scratch: Path,
    *,
    keys: Keys,
    thumbnails: Thumbnails,
    default_language: str,
    artwork: Mapping[str, Path] | None = None,
    addresses: Addresses = Addresses(),
) -> Path:
    """Make `scratch/release`, anew, and return it. `artwork` maps kinds (poster, 240/poster …) to pictures.

    Raises NotFound when a rendition has not been made, InvalidInput for a wrong set of keys or sheets, and
    ToolFailed when Packager fails.
    """
    require_keys(plan, keys)
    sprites.require_cover(thumbnails, plan.duration_s)
    release = scratch / "release"
    shutil.rmtree(release, ignore_errors=True)
    release.mkdir(parents=True)
    _link_sources(plan, made, release / "in")
    timeout_s = BASE_TIMEOUT_S + plan.duration_s * len(tracks(plan))
    run(
        arguments(plan, default_language),
        timeout_s=timeout_s,
        cwd=release,
        secret_input=flag_file(keys) if keys else None,
    )
    _package_unlisted(plan, release, keys)
    shutil.rmtree(release / "in")
    _complete_inits(plan, release)
    periods = encrypt_periods(plan, release, keys, timeout_s)
    sheets = [made(f"thumbs/{name}") for name in thumbnails.sheets]
    sprites.copy_sheets(sheets, release / "thumbs")
    (release / THUMBNAIL_TRACK).write_text(sprites.webvtt(thumbnails, plan.duration_s))
    _copy_text(plan, made, release)
    _copy_artwork(artwork or {}, release)
    _write_hls(plan, release, periods, thumbnails, default_language, addresses.key_url)
    _write_dash(plan, release, thumbnails, addresses.clearkey_url)
    return release


def _package_unlisted(plan: EncodePlan, release: Path, keys: Keys) -> None:
    for track in unlisted_tracks(plan):
        first = read_init(release / replace(track, listed=True).init())
        argv = unlisted_arguments(plan, track, first.constant_iv)
        secret = flag_file(keys) if keys else None
        run(argv, timeout_s=BASE_TIMEOUT_S + plan.duration_s, cwd=release, secret_input=secret)


def _link_sources(plan: EncodePlan, made: Made, folder: Path) -> None:
    """Stand-ins with the names that the arguments use: a store's own paths may hold a comma or an equals sign."""
    for track in (*tracks(plan), *unlisted_tracks(plan)):
        link = folder / f"{track.folder}.mp4"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(made(f"{track.folder}.mp4").resolve())


def _complete_inits(plan: EncodePlan, release: Path) -> None:
    for track in tracks(plan):
        if added := static_metadata(plan, track):
            path = release / track.init()
            path.write_bytes(with_boxes(path.read_bytes(), added))


def _copy_text(plan: EncodePlan, made: Made, release: Path) -> None:
    for rendition in plan.text:
        path = release / text_path(rendition.name)
        path.parent.mkdir(parents=True)
        shutil.copyfile(made(f"text/{rendition.name}.vtt"), path)


def _copy_artwork(artwork: Mapping[str, Path], release: Path) -> None:
    for kind, picture in artwork.items():
        target = release / "art" / f"{kind}{picture.suffix.lower()}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, target)


def _write_hls(
    plan: EncodePlan, release: Path, periods: Periods, thumbnails: Thumbnails, default_language: str, key_url: str
) -> None:
    for track in tracks(plan):
        init = read_init(release / track.init())
        seconds = presented(init, [read_segment(path, init) for path in track.segments(release)])
        for path, known in ((release / track.playlist, seconds), (release / track.iframes, ())):
            if path.exists():
                text = hls_media.timed(path.read_text(), plan.duration_s, known)
                path.write_text(hls_media.media_playlist(text, track, plan.scheme, periods[track], key_url))
    for rendition in plan.text:
        playlist = hls_media.text_playlist(rendition.name, plan.duration_s)
        (release / text_playlist_path(rendition.name)).write_text(playlist)
    (release / THUMBNAIL_PLAYLIST).write_text(hls_media.image_playlist(thumbnails, plan.duration_s))
    path = release / MASTER
    image_bitrate = _image_bitrate(release, thumbnails)
    path.write_text(hls_master.master(path.read_text(), plan, default_language, thumbnails, image_bitrate))


def _write_dash(plan: EncodePlan, release: Path, thumbnails: Thumbnails, clearkey_url: str | None) -> None:
    path = release / MPD
    sizes = {t.name: (release / text_path(t.name)).stat().st_size for t in plan.text}
    document = dash.manifest(
        path.read_text(),
        plan,
        thumbnails,
        image_bitrate=_image_bitrate(release, thumbnails),
        text_bitrates={name: math.ceil(size * 8 / plan.duration_s) for name, size in sizes.items()},
        clearkey_url=clearkey_url,
    )
    path.write_text(document)


def _image_bitrate(release: Path, thumbnails: Thumbnails) -> int:
    return sprites.bitrate(list((release / "thumbs").glob("*.jpg")), thumbnails)
