"""The pattern before the encoder: exactly what is drawn, opposite in the two variants, faint, and cheap."""

import numpy as np
import pytest

from marquee.content.media.encode import chunk_commands, chunk_key, encode_chunk
from marquee.content.media.packets import read_packets
from marquee.content.media.picture import bit_depth
from marquee.content.media.plan import jobs
from marquee.content.media.vmaf import score_chunk
from marquee.content.media.watermark import embed
from marquee.content.media.watermark.masks import masks
from marquee.content.media.watermark.pattern import COLUMNS, ROWS, signs, spread
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import Codec, Variant
from marquee.tools.process import run
from tests.content.media.watermark.conftest import KEY

FORMATS = {
    "8 bits": {},
    "full range": {"colour_range": "pc"},
    "tagged": {"matrix": "smpte170m", "colour_range": "tv"},
    "10 bits": {"bit_depth": 10},
}


def raw(plan, rung, chunk, marked, folder):
    """First and last frames of segments as the encoder would get them (frames, samples)."""
    source = marked.mezzanine.fetch(plan.mezzanine_key)
    (argv,) = chunk_commands(plan, rung, chunk, source, folder / "none", pattern=folder / "pattern")
    graph, target = argv[: argv.index("-map") + 2], folder / "raw.yuv"
    run([*graph, "-f", "rawvideo", "-fps_mode", "passthrough", "-y", str(target)], timeout_s=120)
    samples = np.memmap(target, "u1" if bit_depth(plan.picture, rung) == 8 else "<u2", "r")
    return samples.reshape(chunk.frames, -1)[:: plan.grid.segment_frames - 1].astype(int)


@pytest.mark.parametrize("changes", FORMATS.values(), ids=FORMATS)
def test_the_drawn_pattern_is_what_is_added(marked, tmp_path, changes):
    picture, codec = marked.plan.picture.model_copy(update=changes), Codec.AV1 if "bit_depth" in changes else Codec.H264
    plan, chunk = marked.plan.model_copy(update={"picture": picture}), marked.plan.chunks[1]
    strengths = masks(marked.plan, chunk, marked.mezzanine, marked.work, tmp_path)
    frames = {}
    for variant in Variant:
        rung = marked.plan.rungs[0].model_copy(update={"variant": variant, "codec": codec})
        if variant:
            embed.write(tmp_path / "pattern", plan, rung, chunk, strengths, KEY)
        frames[variant] = raw(plan, rung, chunk, marked, tmp_path)
    luma, length, level = rung.width * rung.height, plan.grid.segment_frames, 1 << (bit_depth(picture, rung) - 8)
    for n, (plain, added, taken) in enumerate(zip(*(frames[each] for each in Variant), strict=True)):
        segment = n * (length - 1) // length
        drawn = strengths[segment] * signs(KEY, plan.mezzanine_sha256, chunk.first_frame // length + segment)
        expected = np.rint(level * spread(drawn, rung.width, rung.height)).ravel()
        assert expected.any()
        assert np.array_equal((added - plain)[:luma], expected)
        assert np.array_equal((taken - plain)[:luma], -expected)
        assert np.array_equal(added[luma:], plain[luma:])


def test_few_cells_are_touched_and_never_dark_or_plain_ones():
    from marquee.content.media.watermark.masking import CELL, HEIGHT, LEVELS, SHARE, WIDTH, strengths

    noise = np.random.default_rng(1).integers(90, 160, (5, HEIGHT, WIDTH)).astype(np.uint8)
    noise[:, : HEIGHT // 3] = 16
    noise[:, HEIGHT // 3 : 2 * HEIGHT // 3] = 120
    found = strengths(noise)
    third = HEIGHT // 3 // CELL
    assert not found[: 2 * third].any()
    assert 0 < np.count_nonzero(found) <= SHARE * ROWS * COLUMNS + 1
    assert found.max() == LEVELS


def test_patterns_of_segments_films_and_keys_have_nothing_in_common():
    every = [signs(k, f, s).ravel() for k in ("k1", "k2") for f in ("f1", "f2") for s in range(20)]
    alike = np.corrcoef(every) - np.eye(len(every))
    assert abs(alike).max() < 6 / np.sqrt(ROWS * COLUMNS)


def test_variants_share_everything_but_their_pictures(marked):
    one, other = (read_packets(film) for film in marked.variants.values())
    assert (one.extradata, one.stamps, one.keys) == (other.extradata, other.stamps, other.keys)
    assert one.sizes != other.sizes


def test_the_picture_is_hardly_worse(marked, tmp_path):
    """Against the same encode without it: VMAF and bits of both variants."""
    plain = marked.plan.model_copy(
        update={"rungs": (marked.plan.rungs[0].model_copy(update={"variant": Variant.NONE}),), "watermark": ""}
    )
    job, chunk = next(jobs(plain)), plain.chunks[0]
    stores = marked.mezzanine, marked.work
    encode_chunk(plain, job, *stores, tmp_path)
    size, vmaf = _size_and_vmaf(plain, job, stores, tmp_path)
    for variant in (0, 1):
        of_variant = job.model_copy(update={"rung": variant, "plan": marked.plan.hash})
        marked_size, marked_vmaf = _size_and_vmaf(marked.plan, of_variant, stores, tmp_path)
        assert vmaf - marked_vmaf <= 0.5
        assert marked_size <= 1.03 * size
    assert chunk_key(plain, plain.rungs[0], chunk) not in {chunk_key(marked.plan, r, chunk) for r in marked.plan.rungs}


def _size_and_vmaf(plan, job, stores, scratch):
    scores = score_chunk(plan, job, *stores, scratch).vmaf
    size = stores[1].size(chunk_key(plan, plan.rungs[job.rung], plan.chunks[job.chunk]))
    return size, sum(scores.values()) / len(scores)


def test_another_key_than_the_plans_encodes_nothing(marked, tmp_path):
    plan = marked.plan.model_copy(update={"watermark": "0" * 16})
    with pytest.raises(InvalidInput, match="another key of the watermark"):
        encode_chunk(plan, next(jobs(plan)), marked.mezzanine, marked.work, tmp_path, watermark_key=KEY)


def test_keys_of_chunks_depend_on_variant_and_key(marked):
    chunk, other = marked.plan.chunks[0], marked.plan.model_copy(update={"watermark": "0" * 16})
    keys = {chunk_key(plan, rung, chunk) for plan in (marked.plan, other) for rung in marked.plan.rungs}
    assert len(keys) == 4
