"""One process that encodes and scores gives what two give, and scores are those of a comparison frame by frame."""

import json
from pathlib import Path

import pytest

from marquee.content.media.encode import chunk_key, encode_chunk
from marquee.content.media.grid import make_chunks
from marquee.content.media.plan import jobs
from marquee.content.media.sampling import compared, weight
from marquee.content.media.scored import encode_scored
from marquee.content.media.verify import check_decoded
from marquee.content.media.vmaf import MODEL, score_chunk, scores_key
from marquee.contracts.errors import GateFailed
from marquee.contracts.plan import Codec, EncodePlan, Rung
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

SMALL = {"width": 160, "height": 90, "maxrate_kbps": 400}
H264 = Rung(codec=Codec.H264, crf=30, preset="medium", **SMALL)
CODECS = (
    H264,
    Rung(codec=Codec.AV1, crf=40, preset="12", **SMALL),
    Rung(codec=Codec.VP9, crf=44, preset="8", **SMALL),
    Rung(codec=Codec.HEVC, crf=32, preset="ultrafast", **SMALL),
)


@pytest.fixture(scope="module")
def plan(plan_of, small, make_clip) -> EncodePlan:
    """Chunks of 24 and 32 frames at 23.976, in which groups of pictures are open and of another length."""
    extra = ("-g", "31", "-bf", "2", "-preset", "veryfast")
    clip = make_clip("film.mp4", seconds=2.3, rate="24000/1001", size="320x180", audio=False, extra=extra)
    return small(plan_of(clip), *CODECS)


@pytest.mark.parametrize("rung", range(len(CODECS)), ids=[each.codec for each in CODECS])
def test_one_process_gives_what_two_give(
    rung: int, plan: EncodePlan, mezzanine: Store, work: Store, scratch: Path, tmp_path: Path
) -> None:
    last = [job for job in jobs(plan) if job.rung == rung][-1]
    apart = Store(f"file://{tmp_path / 'apart'}")
    done, scores = encode_scored(plan, last, mezzanine, work, scratch)
    alone = encode_chunk(plan, last, mezzanine, apart, scratch)
    assert work.read(done.key) == apart.read(alone.key)
    assert scores == score_chunk(plan, last, mezzanine, apart, scratch)
    check_decoded(work.fetch(done.key), scores.hashes, where="the file itself")


@pytest.mark.parametrize(("every", "between"), [(1, 0), (2, 0), (3, 9), (4, 0), (5, 15), (7, 7), (100, 0)])
def test_scores_are_those_of_all_frames_compared(
    every: int, between: int, plan_of, plan: EncodePlan, mezzanine: Store, work: Store, scratch: Path
) -> None:
    """The reference is libvmaf's own way to leave frames out, which still takes the motion of all."""
    source = mezzanine.fetch(plan.mezzanine_key)
    sampling = {"vmaf_every": every, "vmaf_between": between, "rungs": (H264,)}
    whole = plan_of(source).model_copy(update=sampling)
    done, scores = encode_scored(whole, next(jobs(whole)), mezzanine, work, scratch)
    graph = (
        "[0:v]settb=1/24,setpts=N,scale=320:180:flags=bicubic[d];[1:v]settb=1/24,setpts=N[r];"
        f"[d][r]libvmaf=model={MODEL}:n_subsample={every}:log_fmt=json:log_path=plain.json"
    ).replace("version=", r"version\\=")
    inputs = ["-i", str(work.fetch(done.key)), "-i", str(source)]
    run([ffmpeg(), "-v", "error", *inputs, "-lavfi", graph, "-f", "null", "-"], timeout_s=60, cwd=scratch)
    plain = json.loads((scratch / "plain.json").read_text())["frames"]
    found = {each["frameNum"]: round(each["metrics"]["vmaf"], 3) for each in plain}
    assert scores.vmaf == {n: found[n] for n in compared(whole, plan.picture.frames)}
    assert min(scores.vmaf.values()) < 95


def test_few_frames_are_compared_between_key_frames_and_many_at_them(plan_of, make_clip) -> None:
    """Half a second before and after one, wherever it lies in its chunk."""
    whole = plan_of(make_clip("half.mp4", seconds=8, rate="24", size="64x36", audio=False))
    sparse = whole.model_copy(update={"vmaf_every": 4, "vmaf_between": 16})
    found = compared(sparse, 96)
    assert found == [0, 4, 8, 16, 32, 36, 40, 44, 48, 52, 56, 64, 80, 84, 88, 92]
    assert {weight(sparse, n) for n in (8, 36, 48)} == {1}
    assert weight(sparse, 16) == 4
    assert compared(whole.model_copy(update={"vmaf_every": 4}), 96) == list(range(0, 96, 4))


@pytest.mark.parametrize("seconds", [48, 480, 4800])
def test_all_seams_are_compared_closely_and_enough_key_frames_inside(plan_of, make_clip, seconds: int) -> None:
    """The longer the programme, the fewer of a chunk's own key frames; each chunk keeps one at least."""
    short = plan_of(make_clip("keys.mp4", seconds=48, rate="24", size="64x36", audio=False))
    picture = short.picture.model_copy(update={"frames": seconds * 24})
    grid = short.grid.model_copy(update={"segments_per_chunk": 5})
    chunks = make_chunks(grid, picture.frames)
    plan = short.model_copy(
        update={"picture": picture, "grid": grid, "chunks": chunks, "vmaf_every": 3, "vmaf_between": 9}
    )
    taken = {c.first_frame + n: weight(plan, n) for c in chunks for n in compared(plan, c.frames)}
    assert taken == {n: weight(plan, n) for n in taken}  # counted from the chunk or the programme
    gop = grid.gop_frames
    near = {k for k in range(gop, picture.frames, gop) if sum(n in taken for n in range(k - 12, k + 12)) >= 7}
    borders = {chunk.first_frame for chunk in chunks[1:]}
    assert near >= borders
    assert len(near - borders) >= 10
    assert len(near - borders) < max(23, 1.5 * len(borders))


def test_a_chunk_that_is_there_without_scores_gets_them(
    plan: EncodePlan, mezzanine: Store, work: Store, scratch: Path
) -> None:
    job = next(jobs(plan))
    encode_chunk(plan, job, mezzanine, work, scratch)
    done, scores = encode_scored(plan, job, mezzanine, work, scratch)
    assert done.reused
    assert work.exists(scores_key(plan, H264, plan.chunks[0]))
    assert len(scores.hashes) == plan.chunks[0].frames


def test_a_chunk_whose_scores_are_missing_is_not_kept(
    plan: EncodePlan, mezzanine: Store, work: Store, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marquee.content.media.vmaf.frame_hashes", lambda lines: list(lines)[:3])
    with pytest.raises(GateFailed, match="wrong number of decoded frames"):
        encode_scored(plan, next(jobs(plan)), mezzanine, work, scratch)
    assert not work.exists(chunk_key(plan, H264, plan.chunks[0]))
