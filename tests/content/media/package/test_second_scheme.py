"""Two encryptions from one encode in one release: each whole, with keys of its own, and neither touches the other."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from marquee.content.media.package.check import check
from marquee.content.media.package.layout import tracks
from marquee.content.media.package.second_dash import check_dash
from marquee.content.media.package.second_hls import check_hls
from marquee.content.media.package.second_scheme import add, described, taken_out
from marquee.contracts.plan import DrmScheme

CENC, CBCS = DrmScheme.CENC, DrmScheme.CBCS


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_both_are_there_and_each_is_what_it_was_alone(packaged: Callable[[DrmScheme], Any], tmp_path: Path) -> None:
    first, second = packaged(CBCS), packaged(CENC)
    alone = {scheme: tree(packaged(scheme).folder) for scheme in (CBCS, CENC)}
    shutil.copytree(first.folder, tmp_path / "release")
    shutil.copytree(second.folder, tmp_path / "second")
    add(tmp_path / "second", tmp_path / "release", CENC)

    both = tree(tmp_path / "release")
    assert both.items() >= alone[CBCS].items()
    out = taken_out(tmp_path / "release", tmp_path / "out", CENC)
    assert tree(out) == alone[CENC]
    check(out, second.plan, keys=second.keys, thumbnails=second.thumbnails)
    shared = {path for path in alone[CBCS] if path.startswith(("text/", "thumbs/", "hls/text", "hls/thumbs"))}
    assert len(both) == len(alone[CBCS]) + len(alone[CENC]) - len(shared)


def test_its_manifests_name_its_own_tracks_and_the_shared_ones(
    packaged: Callable[[DrmScheme], Any], tmp_path: Path
) -> None:
    first, second = packaged(CBCS), packaged(CENC)
    shutil.copytree(first.folder, tmp_path / "release")
    shutil.copytree(second.folder, tmp_path / "second")
    add(tmp_path / "second", tmp_path / "release", CENC)
    said = described(CENC, first.keys, second.keys)
    assert (said.dash, said.hls) == ("dash/cenc.mpd", "hls/cenc-master.m3u8")
    assert said.kids == {first.keys[t].kid: second.keys[t].kid for t in first.keys}
    for here, standard in ((said.dash, "dash/manifest.mpd"), (said.hls, "hls/master.m3u8")):
        shutil.copy(tmp_path / "release" / here, tmp_path / "release" / standard)  # readers look for this name
    named = check_dash(tmp_path / "release") | check_hls(tmp_path / "release")
    media = {path for path in named if path.startswith(("video/", "audio/"))}
    assert {path.split("/")[1] for path in media} == {f"cenc-{track.name}" for track in tracks(second.plan)}
    assert {"text/en/en.vtt", "thumbs/1.jpg"} <= named
