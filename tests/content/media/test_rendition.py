"""Encoding, joining, verifying: what the gates promise, and that they can close."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from marquee.content.media.encode import chunk_commands, chunk_key, encode_chunk
from marquee.content.media.join import join_rendition, rendition_key
from marquee.content.media.packets import read_packets
from marquee.content.media.plan import jobs
from marquee.content.media.verify import verify_rendition
from marquee.content.media.vmaf import scores_key
from marquee.contracts.errors import GateFailed, NotFound
from marquee.contracts.plan import Codec, EncodePlan, Rung
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.ffprobe import probe
from marquee.tools.process import run

H264 = Rung(codec=Codec.H264, width=240, height=136, crf=24, maxrate_kbps=600, preset="veryfast")
AV1 = Rung(codec=Codec.AV1, width=240, height=136, crf=36, maxrate_kbps=600, preset="12")
VP9 = Rung(codec=Codec.VP9, width=160, height=90, crf=40, maxrate_kbps=600, preset="8")


@pytest.fixture(scope="module")
def encoded(
    plan_of, small, make_clip, mezzanine: Store, tmp_path_factory: pytest.TempPathFactory
) -> tuple[EncodePlan, Store]:
    """Three codecs, four chunks each, the last one longer, at 29.97, with tagged colours."""
    tags = ("-vf", "setparams=color_primaries=smpte170m:color_trc=bt709:colorspace=smpte170m:range=tv")
    clip = make_clip("film.mp4", seconds=4.3, rate="30000/1001", size="320x180", extra=tags)
    plan = small(plan_of(clip), H264, AV1, VP9)
    work = Store(f"file://{tmp_path_factory.mktemp('work, of several')}")
    scratch = tmp_path_factory.mktemp("scratch")
    for job in jobs(plan):
        encode_chunk(plan, job, mezzanine, work, scratch)
    for rung in plan.rungs:
        join_rendition(plan, rung, work, scratch)
    return plan, work


@pytest.fixture
def copy(encoded: tuple[EncodePlan, Store], tmp_path: Path) -> tuple[EncodePlan, Store]:
    """The same in a store of the test's own, to be spoilt."""
    plan, original = encoded
    work = Store(f"file://{tmp_path / 'copy'}")
    for key in original.keys():  # noqa: SIM118
        work.put(key, original.fetch(key))
    return plan, work


@pytest.mark.parametrize("rung", range(3), ids=["h264", "av1", "vp9"])
def test_a_rendition_is_its_chunks_on_the_grid(
    rung: int, encoded: tuple[EncodePlan, Store], mezzanine: Store, scratch: Path
) -> None:
    plan, work = encoded
    measures = verify_rendition(plan, rung, mezzanine, work, scratch)
    packets = read_packets(work.fetch(rendition_key(plan, plan.rungs[rung])))
    assert measures.measure.frames == plan.picture.frames == 129
    assert packets.keys == (0, 15, 30, 45, 60, 75, 90, 105, 120)
    assert packets.stamps[0] == 0
    assert 0 < measures.measure.vmaf_p5 <= measures.measure.vmaf_mean <= 100
    assert measures.bitrate_avg <= measures.bitrate_peak


def test_vp9_has_seen_its_frames_before_and_says_how_far_it_is(
    encoded: tuple[EncodePlan, Store], mezzanine: Store, scratch: Path, tmp_path: Path
) -> None:
    """What only a second pass has: frames that are not shown, for reference, in one packet with those that are."""
    plan, _ = encoded
    job = next(job for job in jobs(plan) if plan.rungs[job.rung] == VP9)
    done: list[float] = []
    made = encode_chunk(plan, job, mezzanine, work := Store(f"file://{tmp_path}/work"), scratch, done.append)
    argv = [ffmpeg(), "-v", "error", "-i", str(work.fetch(made.key)), "-c", "copy", "-f", "ivf", "-"]
    packets = list(ivf_packets(run(argv, timeout_s=20).stdout))
    assert len(packets) == made.frames
    assert any(packet[-1] & 0xE0 == 0xC0 for packet in packets)  # a superframe's index, VP9 specification, annex B
    assert done == sorted(done)
    assert done[-1] == 1


def ivf_packets(file: bytes) -> Iterator[bytes]:
    """Of an IVF file: a header of 32 bytes, then a size, a stamp of 8 bytes and the bytes of each packet."""
    at = 32
    while at < len(file):
        size = int.from_bytes(file[at : at + 4], "little")
        yield file[at + 12 : at + 12 + size]
        at += 12 + size


def test_colours_pass_through(encoded: tuple[EncodePlan, Store]) -> None:
    plan, work = encoded
    for rung in plan.rungs:
        (stream,) = probe(work.fetch(rendition_key(plan, rung)), "-show_streams")["streams"]
        found = [stream.get(f"color_{name}") for name in ("primaries", "transfer", "space", "range")]
        assert found == ["smpte170m", "bt709", "smpte170m", "tv"], rung.name
        assert (stream["width"], stream["height"]) == (rung.width, rung.height)
        assert stream["sample_aspect_ratio"] == "1:1"


def test_a_chunk_is_encoded_once(encoded: tuple[EncodePlan, Store], scratch: Path) -> None:
    """Neither the source nor a program is needed again."""
    plan, work = encoded
    nowhere = Store("file:///nonexistent")
    job = next(jobs(plan))
    seen: list[float] = []
    again = encode_chunk(plan, job, nowhere, work, scratch, seen.append)
    assert again.reused
    assert seen == [1.0]


def test_the_key_depends_on_what_the_bytes_depend_on(encoded: tuple[EncodePlan, Store]) -> None:
    plan, _ = encoded
    first, second = plan.chunks[:2]
    key = chunk_key(plan, H264, first)

    def changed(**update: object) -> str:
        return chunk_key(plan.model_copy(update=update), H264, first)

    others = [
        chunk_key(plan, H264, second),
        chunk_key(plan, H264.model_copy(update={"crf": 25}), first),
        changed(attempt=1),
        changed(encoders="newer"),
        changed(mezzanine_sha256="f" * 64),
        changed(picture=plan.picture.model_copy(update={"deinterlace": True})),
    ]
    assert len({key, *others}) == 7
    assert changed(scheme="none", text=(), vmaf_every=9) == key


def test_progress_is_told_while_encoding(
    encoded: tuple[EncodePlan, Store], mezzanine: Store, work: Store, scratch: Path
) -> None:
    plan, _ = encoded
    seen: list[float] = []
    result = encode_chunk(plan, next(jobs(plan)), mezzanine, work, scratch, seen.append)
    assert not result.reused
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert list(scratch.iterdir()) == []


def test_commands_are_built_without_a_shell(encoded: tuple[EncodePlan, Store]) -> None:
    plan, _ = encoded
    (argv,) = chunk_commands(plan, H264, plan.chunks[0], Path("/a b;c'/in put.mp4"), Path("-out.mp4"))
    assert "file:/a b;c'/in put.mp4" in argv
    assert not any(a.startswith("-out") for a in argv)


def test_joining_needs_every_chunk(copy: tuple[EncodePlan, Store], scratch: Path) -> None:
    plan, work = copy
    work.delete(rendition_key(plan, H264))
    work.delete(chunk_key(plan, H264, plan.chunks[1]))
    with pytest.raises(NotFound):
        join_rendition(plan, H264, work, scratch)


def swap(plan: EncodePlan, work: Store, scratch: Path) -> None:
    """Two chunks change places."""
    a, b = (chunk_key(plan, H264, plan.chunks[n]) for n in (0, 1))
    content = work.read(a), work.read(b)
    work.write(b, content[0])
    work.write(a, content[1])


def spoil(*arguments: str) -> Callable[[EncodePlan, Store, Path], None]:
    """The rendition is encoded again with other arguments."""

    def change(plan: EncodePlan, work: Store, scratch: Path) -> None:
        key = rendition_key(plan, H264)
        grid = ["-g", "15", "-keyint_min", "15", "-sc_threshold", "0", "-video_track_timescale", "30000"]
        encoder = ["-c:v", "libx264", "-preset", "ultrafast", *grid]
        run([ffmpeg(), "-v", "error", "-i", str(work.fetch(key)), *encoder, *arguments, str(scratch / "x.mp4")],
            timeout_s=60)  # fmt: skip
        work.put(key, scratch / "x.mp4")

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (swap, "not those of its chunks"),
        (spoil("-frames:v", "128"), "wrong number of frames"),
        (spoil("-g", "14"), "key frames are off the grid"),
        (spoil("-bsf:v", "setts=pts=PTS+if(eq(N\\,70)\\,100\\,0)"), "off the grid"),
        (spoil("-crf", "30"), "more than one decoder configuration"),
    ],
    ids=["swapped", "a frame short", "key frames", "stamps", "configuration"],
)
def test_the_gates_close(
    change: Callable[[EncodePlan, Store, Path], Iterator[None]],
    message: str,
    copy: tuple[EncodePlan, Store],
    mezzanine: Store,
    scratch: Path,
) -> None:
    plan, work = copy
    change(plan, work, scratch)
    with pytest.raises(GateFailed, match=message):
        verify_rendition(plan, 0, mezzanine, work, scratch)


def test_a_chunk_of_another_picture_is_found_by_its_hashes(
    copy: tuple[EncodePlan, Store], mezzanine: Store, scratch: Path
) -> None:
    """The scores, with their hashes, are those of the chunk that was encoded; the join holds other frames."""
    plan, work = copy
    verify_rendition(plan, 0, mezzanine, work, scratch)
    key = scores_key(plan, H264, plan.chunks[2])
    spoilt = work.read(key).decode()
    first = spoilt.partition('"hashes":["')[2][:8]
    work.write(key, spoilt.replace(first, "00000000", 1).encode())
    with pytest.raises(GateFailed, match="decodes to another picture"):
        verify_rendition(plan, 0, mezzanine, work, scratch)
