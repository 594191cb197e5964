import pytest

from marquee.content.media.qc.decode import Errors
from marquee.content.media.qc.filter_output import Frame, FrameReader, Stretches, without
from marquee.content.media.qc.sound import SoundScan
from tests.content.media.qc.test_commands import media, track


def stretches(*marks: tuple[str, float]) -> Stretches:
    made = Stretches("start", "end")
    for key, value in marks:
        made.see(Frame(0.0, {key: str(value)}))
    return made


def test_frames_are_whole_and_noise_between_them_is_passed_over() -> None:
    seen: list[Frame] = []
    reader = FrameReader(seen.append)
    for line in (
        "lavfi.orphan=1",
        "frame:0    pts:0       pts_time:0",
        "lavfi.a.b=1.5",
        "something a program says",
        "lavfi.c=x=y",
        "frame:1    pts:NOPTS   pts_time:NOPTS",
    ):
        reader.line(line)
    reader.close()
    reader.close()
    assert seen == [Frame(0.0, {"a.b": "1.5", "c": "x=y"}), Frame(None, {})]
    assert (seen[0].number("a.b"), seen[0].number("c"), seen[0].number("d")) == (1.5, None, None)


def test_a_stretch_that_the_end_cuts_lasts_to_the_end() -> None:
    assert stretches(("start", 1), ("end", 3), ("start", 8)).until(10, floor_s=0.5) == [(1, 3), (8, 10)]


def test_short_stretches_are_left_out() -> None:
    made = stretches(("start", 1), ("end", 1.2), ("start", 4), ("end", 6))
    assert made.until(10, floor_s=0.5) == [(4, 6)]


def test_an_end_and_a_start_on_one_frame() -> None:
    made = stretches(("start", 1))
    made.see(Frame(0.0, {"end": "3", "start": "5"}))
    assert made.until(7, floor_s=0) == [(1, 3), (5, 7)]


def test_what_is_covered_is_said_once() -> None:
    assert without([(1, 5), (4, 12)], [(0.9, 5)]) == [(4, 12)]


@pytest.mark.parametrize(
    ("head", "counts"),
    [
        ("[h264 @ 0x1] [error] error while decoding MB 1 2", True),
        ("[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x2] [error] Error submitting packet to decoder", True),
        ("[matroska,webm @ 0x1] [error] Read error", True),
        ("[in#0/mov,mp4,m4a @ 0x1] [error] Error during demuxing", True),
        ("[error] something without a head", True),
        ("[h264 @ 0x1] [warning] mmco: unref short failure", False),
        ("[null @ 0x1] [error] Application provided invalid, non monotonically increasing dts", False),
        ("[out#0/null @ 0x1] [error] Error muxing a packet", False),
        ("[vost#0:0/wrapped_avframe @ 0x1] [error] Error submitting", False),
        ("[aost#0:0/pcm_s16le @ 0x1] [enc:pcm_s16le @ 0x2] [error] Error submitting", False),
        ("[Parsed_idet_0 @ 0x1] [error] no", False),
        ("[auto_scale_0 @ 0x1] [error] no", False),
        ("[graph 0 input from stream 0:0 @ 0x1] [error] no", False),
        ("[graph_0_in_0:1 @ 0x1] [error] Neither number of channels nor channel layout specified", False),
        ("[vf#0:0 @ 0x1] [error] Error reinitializing filters!", False),
        ("[fc#0 @ 0x1] [error] Error while filtering: Invalid argument", False),
        ("[AVFilterGraph @ 0x1] [error] no", False),
        ("[swscaler @ 0x1] [error] no", False),
    ],
)
def test_only_demuxer_and_decoder_errors_count(head: str, counts: bool) -> None:
    errors = Errors(SoundScan(media(), track(2)))
    errors.line(head)
    assert errors.count == counts
