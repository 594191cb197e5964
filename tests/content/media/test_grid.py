"""Rates, grids and chunks: whole segments, nothing lost, nothing tiny."""

from fractions import Fraction
from itertools import pairwise

import pytest

from marquee.content.media.grid import (
    lead_frames,
    make_chunks,
    make_grid,
    programme_frames,
    programme_rate,
)
from marquee.content.media.ladder import profile, profiles
from marquee.contracts.errors import InvalidInput
from marquee.contracts.media import AudioStream, MediaInfo, VideoStream

NTSC = Fraction(30000, 1001)


def stream(average: Fraction | int, base: Fraction | int | None = None, frames: int = 300) -> VideoStream:
    average = Fraction(average)
    return VideoStream(
        index=0,
        codec="h264",
        width=640,
        height=360,
        frame_rate=average,
        base_rate=Fraction(base or average),
        frames=frames,
        start_s=0,
        duration_s=float(frames / average),
        pixel_format="yuv420p",
    )


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), 24, 25, NTSC, 30, 20, 12, 48, 50, Fraction(60000, 1001), 60])
def test_a_sane_constant_rate_is_kept(rate: Fraction) -> None:
    assert programme_rate(stream(rate), None) == (rate, True)


@pytest.mark.parametrize(
    ("average", "base", "share", "expected"),
    [
        (120, 120, None, 60),
        (Fraction(240000, 1001), Fraction(240000, 1001), None, Fraction(60000, 1001)),
        (10, 10, None, 20),
        (1, 1, None, 12),
        (Fraction(2965, 100), 90000, None, NTSC),  # a telephone's clock: the nearest standard rate
        (Fraction(74, 10), 30, None, 30),  # a screen recording: all its stamps fit 30
        (25, 25, 0.4, 25),  # QC saw steps off the grid
        (Fraction(6000, 304), 20, 1 / 5999, 20),  # one gap of four seconds in five minutes
        (Fraction(6000, 304), 20, None, Fraction(24000, 1001)),  # the same, unseen: it may be anything
        (8, 20, 0.005, Fraction(24000, 1001)),  # more than half of it gaps: the base rate says too little
    ],
)
def test_other_rates_are_brought_onto_a_grid(
    average: Fraction, base: Fraction, share: float | None, expected: Fraction
) -> None:
    assert programme_rate(stream(average, base), share) == (expected, False)


def test_interlaced_streams_count_fields_in_their_base_rate() -> None:
    assert programme_rate(stream(25, 50), None) == (25, True)


def test_a_source_on_the_grid_keeps_its_frames_and_another_fills_its_time() -> None:
    video = stream(NTSC, frames=301)
    assert programme_frames(video, NTSC, None, constant=True) == 301
    assert programme_frames(video, Fraction(25), None, constant=False) == 251


def test_the_time_that_was_seen_counts_before_what_is_declared() -> None:
    """7,500 frames at 25 with one gap of 0.24 s: their mean rate is that of a film without it."""
    video = stream(Fraction(7500 * 100, 30024), 25, frames=7500)
    assert programme_rate(video, 1 / 7499) == (25, True)
    assert programme_frames(video, Fraction(25), 300.24, constant=True) == 7506


@pytest.mark.parametrize(("sound_s", "frames"), [(0.0, 0), (1.0, 0), (-0.09, 0), (-0.1, 3), (-0.3, 8), (-2.0, 50)])
def test_the_programme_starts_with_the_sound_on_a_whole_frame(sound_s: float, frames: int) -> None:
    sound = AudioStream(
        index=1, codec="aac", channels=2, layout="stereo", sample_rate=48_000, start_s=sound_s, duration_s=9
    )
    media = MediaInfo(
        sha256="0" * 64, size=1, demuxer="mov", duration_s=9, video=(stream(25),), audio=(sound,), text=()
    )
    assert lead_frames(media, Fraction(25)) == frames


@pytest.mark.parametrize("name", list(profiles()))
@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), NTSC, Fraction(60)])
@pytest.mark.parametrize("frames", [1, 49, 131, 480, 1801, 172_627, 500_000])
def test_chunks_cover_the_programme_in_whole_segments(name: str, rate: Fraction, frames: int) -> None:
    rungs = 7
    grid = make_grid(profile(name), rate, frames, rungs=rungs, slots=2)
    chunks = make_chunks(grid, frames)
    # A watermark is one bit a segment: shorter ones tell the session sooner.
    assert grid.segment_s == pytest.approx(2 if profile(name).watermark else 4, abs=0.05)
    assert [c.index for c in chunks] == list(range(len(chunks)))
    assert chunks[0].first_frame == 0
    assert sum(c.frames for c in chunks) == frames
    assert all(b.first_frame == a.first_frame + a.frames for a, b in pairwise(chunks))
    assert all(c.first_frame % grid.segment_frames == 0 for c in chunks)
    assert all(c.frames >= grid.segment_frames for c in chunks) or len(chunks) == 1
    assert len(chunks) * rungs <= 1024


def test_there_are_chunks_for_every_slot() -> None:
    frames = 25 * 60
    assert len(make_chunks(make_grid(profile("standard"), Fraction(25), frames, rungs=1, slots=8), frames)) >= 7


STANDARD = [Fraction(24000, 1001), 24, 25, NTSC, 30, 50, Fraction(60000, 1001), 60]


@pytest.mark.parametrize("rate", STANDARD)
def test_a_variable_rate_whose_stamps_fit_a_standard_one_becomes_that(rate: Fraction) -> None:
    assert programme_rate(stream(rate * Fraction(9, 10), rate), 0.0101) == (rate, False)


def test_the_bounds_are_the_last_rates_that_are_kept() -> None:
    assert programme_rate(stream(61), None) == (Fraction(61, 2), False)
    assert programme_rate(stream(Fraction(23, 2)), None) == (23, False)


def test_one_frame_has_its_rate_however_long_it_is_declared() -> None:
    still = stream(25, frames=1).model_copy(update={"duration_s": 10.0})
    assert programme_rate(still, None) == (25, True)


@pytest.mark.parametrize(("off", "constant"), [(0, True), (1.9, True), (-1.9, True), (2.1, False), (-2.1, False)])
def test_two_frames_more_or_less_than_declared_are_no_variable_rate(off: float, constant: bool) -> None:
    declared = stream(25, frames=300).model_copy(update={"duration_s": (300 + off) / 25})
    assert programme_rate(declared, None) == (25, constant)


def test_a_declared_length_may_count_from_the_clock_or_from_the_first_frame() -> None:
    late = stream(25, frames=300).model_copy(update={"start_s": 5.0})
    for duration_s in (12.0, 17.0):
        assert programme_rate(late.model_copy(update={"duration_s": duration_s}), None) == (25, True)
    assert programme_rate(late.model_copy(update={"duration_s": 7.0}), None) == (25, False)


def test_a_whole_segment_at_the_end_is_a_chunk_of_its_own() -> None:
    grid = make_grid(profile("standard"), Fraction(25), 500_000, rungs=1, slots=2)
    whole = make_chunks(grid, grid.chunk_frames + grid.segment_frames)
    assert [chunk.frames for chunk in whole] == [grid.chunk_frames, grid.segment_frames]
    short = make_chunks(grid, grid.chunk_frames + grid.segment_frames - 1)
    assert [chunk.frames for chunk in short] == [grid.chunk_frames + grid.segment_frames - 1]


def test_an_orchestrator_is_given_as_many_jobs_as_it_holds_and_no_chunk_is_shorter_than_two_segments() -> None:
    for rungs in (1, 3, 7, 512, 2000):
        grid = make_grid(profile("standard"), Fraction(25), 10_000_000, rungs=rungs, slots=64)
        assert len(make_chunks(grid, 10_000_000)) * rungs <= max(1024, rungs)
    busy = make_grid(profile("standard"), Fraction(25), 3000, rungs=1, slots=1000)
    assert busy.segments_per_chunk == 2


def test_an_airflow_that_holds_1024_jobs_gets_1024() -> None:
    segment = make_grid(profile("standard"), Fraction(25), 100, rungs=1, slots=1).segment_frames
    frames = 1024 * 2 * segment
    assert len(make_chunks(make_grid(profile("standard"), Fraction(25), frames, rungs=1, slots=1024), frames)) == 1024
    longer = frames + 2 * segment
    assert len(make_chunks(make_grid(profile("standard"), Fraction(25), longer, rungs=1, slots=2000), longer)) < 1024


def test_a_stream_without_a_rate_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"stream 0: the picture has no frame rate; got 0"):
        programme_rate(stream(25).model_copy(update={"frame_rate": Fraction(0)}), None)


def test_steps_off_the_grid_count_as_gaps_up_to_one_in_a_hundred_and_a_tenth_of_the_time() -> None:
    assert programme_rate(stream(18, 20), 0.01) == (20, False)
    assert programme_rate(stream(Fraction(108, 10), 12), 0.01) == (12, False)
    assert programme_rate(stream(Fraction(179, 10), 20), 0.01) == (Fraction(24000, 1001), False)
    assert programme_rate(stream(18, 20), 0.011) == (Fraction(24000, 1001), False)
    assert programme_rate(stream(Fraction(99, 10), 11), 0.01) == (Fraction(24000, 1001), False)
