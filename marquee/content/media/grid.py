"""The time grid: the frame rate of the programme, and its division into groups of pictures, segments and chunks."""

import math
from fractions import Fraction

from marquee.content.media.ladder import EncodingProfile
from marquee.contracts.errors import InvalidInput
from marquee.contracts.media import MediaInfo, VideoStream
from marquee.contracts.plan import Chunk, Grid

SLOWEST, FASTEST = 12, 60
STANDARD_RATES = tuple(
    Fraction(*r) for r in ((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60000, 1001), (60, 1))
)
SAME_RATE = 0.001  # averages of short or millisecond-stamped streams miss their rate by less
VARIABLE_SHARE = 0.01  # of steps off the grid, as QC measures them
MOST_GAPS = Fraction(1, 10)  # of the time; beyond that the base rate may be a multiple of the true one
LEAD_DIGITS = 3  # of a frame: stamps are rounded
# What one fan-out of an orchestrator holds at most (Airflow's core.max_map_length, by default).
MAX_JOBS = 1024
LEAST_CHUNK_SEGMENTS = 2
MOST_CRYPTO_PERIODS = 64  # of one track: with four kinds of tracks a licence of 256 keys


def programme_rate(video: VideoStream, variable_share: float | None) -> tuple[Fraction, bool]:
    """Frames per second of the programme, and whether the source ticks exactly so.

    A constant rate between 12 and 60 is kept as it is, even if QC saw it broken by a few gaps; above it is halved,
    below multiplied, by whole numbers. Any other variable rate becomes the one that all its timestamps fit, if that is
    a standard one, else the nearest standard.

    Raises InvalidInput for a stream without a rate.
    """
    if video.frame_rate <= 0:
        raise InvalidInput("the picture has no frame rate", where=f"stream {video.index}", got=str(video.frame_rate))
    if not _constant(video, variable_share):
        fits = video.base_rate in STANDARD_RATES or _gaps_only(video, variable_share)
        return video.base_rate if fits else min(STANDARD_RATES, key=lambda r: abs(r - video.frame_rate)), False
    rate = video.base_rate if _same(video.base_rate, video.frame_rate) else video.frame_rate
    return _within_bounds(rate), SLOWEST <= rate <= FASTEST


def _constant(video: VideoStream, variable_share: float | None) -> bool:
    """Fields counted as frames double the base rate of interlaced streams."""
    if variable_share is not None and variable_share > VARIABLE_SHARE:
        return False
    if video.frames == 1:
        return True
    ticks = _same(video.base_rate, video.frame_rate) or _same(video.base_rate, 2 * video.frame_rate)
    # Matroska's writers do not agree on whether a duration counts from the first frame or from zero.
    misses = [
        video.frames / video.frame_rate - Fraction(d) for d in (video.duration_s, video.duration_s - video.start_s)
    ]
    return ticks and min(map(abs, misses)) <= 2 / video.frame_rate


def _gaps_only(video: VideoStream, variable_share: float | None) -> bool:
    """Whether QC saw hardly a step off the grid: long ones lower the mean rate, by the part of the time they take."""
    few = variable_share is not None and variable_share <= VARIABLE_SHARE
    near = (1 - MOST_GAPS) * video.base_rate <= video.frame_rate <= video.base_rate
    return few and near and SLOWEST <= video.base_rate <= FASTEST


def _same(a: Fraction, b: Fraction) -> bool:
    return abs(a - b) <= SAME_RATE * b


def _within_bounds(rate: Fraction) -> Fraction:
    while rate > FASTEST:
        rate /= 2
    return rate * math.ceil(SLOWEST / rate) if rate < SLOWEST else rate


def programme_frames(video: VideoStream, rate: Fraction, seen_s: float | None, *, constant: bool) -> int:
    """Frames that the picture takes in the programme: as many as fill its time.

    `seen_s` is QC's measure of that time, from the first frame to the end of the last. Without it, a source on the
    grid keeps the frames it has, and the declared duration stands for any other.
    """
    if seen_s is None and constant:
        return video.frames
    return max(1, round(Fraction(video.duration_s if seen_s is None else seen_s) * rate))


def lead_frames(media: MediaInfo, rate: Fraction) -> int:
    """Whole frames from the programme's start to the picture's, rounded up: no sound is cut, the source stays on the
    grid. None but where sound begins before the picture."""
    return math.ceil(round((media.picture.start_s - media.start_s) * rate, LEAD_DIGITS))


def make_grid(profile: EncodingProfile, rate: Fraction, frames: int, *, rungs: int, slots: int) -> Grid:
    """Chunks are the profile's length, shorter where that keeps all slots busy, longer where jobs would be too many."""
    gop = max(1, round(profile.gop_s * rate))
    segment = gop * profile.gops_per_segment
    segments = math.ceil(frames / segment)
    wanted = max(1, round(profile.chunk_s * rate / segment))
    to_fill_slots = max(LEAST_CHUNK_SEGMENTS, math.ceil(segments / slots))
    to_bound_jobs = math.ceil(segments / max(1, MAX_JOBS // rungs))
    per_chunk = max(min(wanted, to_fill_slots), to_bound_jobs)
    return Grid(
        frame_rate=rate, gop_frames=gop, gops_per_segment=profile.gops_per_segment, segments_per_chunk=per_chunk
    )


def segments_per_key(crypto_period_s: float, grid: Grid, frames: int) -> int:
    """A crypto period in whole segments, 0 for none. That of a long film is longer: a licence has to hold its keys."""
    if not crypto_period_s:
        return 0
    segments = -(-frames // grid.segment_frames)
    return max(1, round(crypto_period_s / grid.segment_s), -(-segments // MOST_CRYPTO_PERIODS))


def make_chunks(grid: Grid, frames: int) -> tuple[Chunk, ...]:
    """Whole segments each; what is left at the end and shorter than a segment joins the chunk before it."""
    starts = list(range(0, frames, grid.chunk_frames))
    if len(starts) > 1 and frames - starts[-1] < grid.segment_frames:
        starts.pop()
    ends = [*starts[1:], frames]
    return tuple(Chunk(index=i, first_frame=a, frames=b - a) for i, (a, b) in enumerate(zip(starts, ends, strict=True)))
