"""A packaged release with a watermark, and keys that change in its middle: manifests name one variant, and any mix of
both plays as one rendition.
"""

import shutil
from dataclasses import replace

import pytest

from marquee.content.drm.keys import new_keys
from marquee.content.media.made import made_by
from marquee.content.media.package.build import package
from marquee.content.media.package.check import check
from marquee.content.media.package.inventory import inventory
from marquee.content.media.package.layout import protected_types, tracks, unlisted_tracks
from marquee.content.media.package.opened import open_track
from marquee.content.media.packets import read_packets
from marquee.content.media.thumbnails import make_thumbnails
from marquee.content.media.watermark import reader
from marquee.contracts.errors import GateFailed
from marquee.contracts.plan import DrmScheme
from marquee.contracts.release import UNLISTED, VideoMeasure
from tests.content.media.watermark.conftest import KEY

SCHEMES = [DrmScheme.CBCS, DrmScheme.CENC, DrmScheme.NONE]
MIXED = "abba"


@pytest.fixture(scope="module")
def packaged(marked, tmp_path_factory):
    """From a scheme: the release folder with its plan, keys and thumbnails; each packaged once."""
    made = {}

    def make(scheme):
        if scheme not in made:
            plan = marked.plan.model_copy(update={"scheme": scheme, "segments_per_key": 2})
            keys = new_keys(protected_types(plan), plan.crypto_periods)
            scratch = tmp_path_factory.mktemp(scheme.value)
            thumbnails = make_thumbnails(plan, marked.mezzanine, marked.work, scratch)
            inputs = {"keys": keys, "thumbnails": thumbnails, "default_language": "en"}
            made[scheme] = package(plan, made_by(plan, marked.work), scratch, **inputs), plan, keys, thumbnails
        return made[scheme]

    return make


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_keeps_every_rule(packaged, scheme):
    folder, plan, keys, thumbnails = packaged(scheme)
    check(folder, plan, keys=keys, thumbnails=thumbnails)
    manifests = [path.read_text() for path in folder.rglob("*") if path.suffix in (".mpd", ".m3u8")]
    assert not any(UNLISTED in text or "EXT-X-BYTERANGE" in text for text in manifests)
    assert len(list(folder.glob(f"{UNLISTED}/*/*.m4s"))) == len(list(folder.glob("video/*/*.m4s"))) == len(MIXED)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_any_mix_of_variants_is_one_rendition_and_tells_the_mix(marked, packaged, scheme, tmp_path):
    """As a session gets it: the first variant's initialisation segment, then segments of either."""
    folder, plan, keys, _ = packaged(scheme)
    (first,), (second,) = ([t for t in tracks(plan) if t.kind == "video"], unlisted_tracks(plan))
    segments = [(first if v == "a" else second).segments(folder)[n] for n, v in enumerate(MIXED)]
    init, read = (folder / first.init()).read_bytes(), (path.read_bytes() for path in segments)
    open_track(init, read, first, scheme, keys, tmp_path, 60)
    stamps = read_packets(tmp_path / "clear.mp4").stamps
    assert len(stamps) == plan.picture.frames
    if scheme is DrmScheme.CBCS:
        found = reader.read(marked.plan, tmp_path / "clear.mp4", KEY, marked.mezzanine, marked.work, tmp_path)
        assert "".join("a" if each.value > 0 else "b" for each in found.segments) == MIXED


def test_both_variants_share_one_constant_vector_under_cbcs_and_no_vector_under_cenc(packaged):
    from marquee.content.media.package.segments import read_init

    for scheme in (DrmScheme.CBCS, DrmScheme.CENC):
        folder, plan, *_ = packaged(scheme)
        (track,) = unlisted_tracks(plan)
        init = read_init(folder / track.folder / "init.mp4")
        assert bool(init.constant_iv) is (scheme is DrmScheme.CBCS)
        for period in range(plan.crypto_periods):
            of_both = [read_init(folder / each.init(period)) for each in (track, replace(track, listed=True))]
            assert len({(each.kid, each.constant_iv) for each in of_both}) == 1
        if scheme is DrmScheme.CENC:
            one, other = (
                _vectors(each.segments(folder)[0].read_bytes()) for each in (track, replace(track, listed=True))
            )
            assert not one & other


def _vectors(segment: bytes) -> set[bytes]:
    """Sample vectors of 8 bytes in a segment's `senc` box, found by their subsample maps' place."""
    from marquee.content.media.package.boxes import Box, boxes

    found = set()
    for moof in (box for box in boxes(segment) if box.type == "moof"):
        senc = Box("moof", moof.payload).need("traf", "senc")
        offset = 8
        for _ in range(senc.number(4)):
            found.add(senc.payload[offset : offset + 8])
            offset += 10 + 6 * senc.number(offset + 8, 2)
    return found


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder, first: (folder / "init.mp4").write_bytes(first.parent.joinpath("2.m4s").read_bytes()), "init"),
        (lambda folder, first: (folder / "4.m4s").unlink(), "end together|wrong frames"),
        (lambda folder, first: shutil.copyfile(first, folder / "1.m4s"), "both variants are the same"),
    ],
    ids=["another init", "a segment less", "twice the same"],
)
def test_a_spoilt_second_variant_is_found(packaged, tmp_path, spoil, message):
    folder, plan, keys, thumbnails = packaged(DrmScheme.CBCS)
    copy = tmp_path / "release"
    shutil.copytree(folder, copy)
    (track,) = unlisted_tracks(plan)
    spoil(copy / track.folder, copy / replace(track, listed=True).folder / "1.m4s")
    with pytest.raises(GateFailed, match=message):
        check(copy, plan, keys=keys, thumbnails=thumbnails)


def test_the_inventory_names_one_rendition_and_every_file(packaged, marked):
    from datetime import UTC, datetime

    folder, plan, keys, _ = packaged(DrmScheme.CBCS)
    measures = {rung.name: VideoMeasure(frames=200, vmaf_mean=90, vmaf_p5=80) for rung in plan.rungs}
    release = inventory(
        folder,
        plan,
        keys=keys,
        measures=measures,
        release_id=1,
        title_id=2,
        slug="film",
        created_at=datetime.now(UTC),
    )
    assert [each.name for each in release.video] == ["h264-270p"]
    assert release.watermark == plan.watermark
    assert sum(file.path.startswith(f"{UNLISTED}/") for file in release.files) == len(MIXED) + plan.crypto_periods
