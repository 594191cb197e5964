"""Films whose frames come at odd times but are whole: a varying rate, gaps, doubled stamps."""

from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.contracts.qc import Severity
from tests.content.media.qc.conftest import PICTURE, both, film

JITTER = "settb=1/250,setpts='round((N/15+0.02*mod(N*7\\,5))*250)'"  # frames up to 0.08 s late, some close together
# 30, then 60, a gap of two seconds, then 12 frames a second.
JUMPS = "settb=1/600,setpts='if(lt(N\\,30)\\,N*20\\,if(lt(N\\,90)\\,600+(N-30)*10\\,2400+(N-90)*50))'"


@pytest.mark.parametrize(("clock", "ticks"), [(JITTER, 250), (JUMPS, 600)])
@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "ts"])
def test_a_variable_rate_is_a_warning_and_every_frame_is_seen(
    tmp_path: Path, check: Callable, found: Callable, clock: str, ticks: int, suffix: str
) -> None:
    source = ["-f", "lavfi", "-i", f"{PICTURE}8", "-vf", clock, "-fps_mode", "passthrough"]
    encode = ["-enc_time_base", f"1/{ticks}", "-c:v", "libx264", "-bf", "0", "-video_track_timescale", str(ticks)]
    report = check(film(tmp_path / f"variable.{suffix}", *source, *encode))
    assert report.measured["frames"] == 120
    assert report.verdict is not Severity.FAIL
    assert {finding.severity for finding in found(report, "variable_frame_rate")} == {Severity.WARN}


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_gap_of_seconds_is_told_with_its_place(tmp_path: Path, check: Callable, found: Callable, suffix: str) -> None:
    gap = ["-vf", "setpts=PTS+gte(N\\,50)*1.6/TB", "-fps_mode", "passthrough", "-shortest"]
    report = check(both(tmp_path / f"gap.{suffix}", *gap))
    (finding,) = found(report, "gap")
    assert finding.severity is Severity.WARN
    assert finding.start_s == pytest.approx(1.96, abs=0.03)
    assert report.measured["longest_step_s"] == pytest.approx(1.64, abs=0.002)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_doubled_stamps_are_told_and_every_frame_is_seen(
    tmp_path: Path, check: Callable, found: Callable, suffix: str
) -> None:
    """A copy in which the third second's first frame bears the stamp of the one before it."""
    source = both(tmp_path / f"whole.{suffix}")
    doubled = "setts=pts=PTS+if(eq(N\\,50)\\,0.04\\,0.08)/TB:dts=DTS"  # later than it is decoded, as MP4 demands
    report = check(film(tmp_path / f"doubled.{suffix}", "-i", str(source), "-c", "copy", "-bsf:v", doubled))
    assert report.measured["frames"] == 150
    assert report.measured["decode_errors"] == 0
    assert found(report, "timestamps")
    assert report.verdict is Severity.WARN
