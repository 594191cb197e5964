"""Checks a release folder before publication, and names what breaks a rule of packaging."""

from pathlib import Path

from marquee.content.media.package import (
    check_dash,
    check_files,
    check_hls,
    check_tracks,
    check_unlisted,
    second_dash,
    second_hls,
)
from marquee.content.media.package.layout import Keys, require_keys, tracks, unlisted_tracks
from marquee.contracts.plan import EncodePlan
from marquee.contracts.release import Thumbnails


def check(release: Path, plan: EncodePlan, *, keys: Keys, thumbnails: Thumbnails) -> None:
    """Check tracks, manifests and files against the plan and against each other; `none` must be wholly in the clear.

    Raises GateFailed naming the file that breaks a law, and which.
    """
    require_keys(plan, keys)
    check_files.check_files(release, thumbnails)
    check_described(release, plan, keys)


def check_described(release: Path, plan: EncodePlan, keys: Keys) -> None:
    """The same but for the thumbnails and for what no manifest names. Raises GateFailed."""
    seen = [check_tracks.check_track(release, track, plan, keys) for track in tracks(plan)]
    for track in unlisted_tracks(plan):
        check_unlisted.check_unlisted(release, track, check_tracks.check_track(release, track, plan, keys), seen)
    check_hls.check_hls(release, plan, keys, seen)
    check_dash.check_dash(release, plan, keys, seen)
    second_dash.check_schema(release)
    second_dash.check_dash(release)
    second_hls.check_hls(release)
