"""Films whose clocks are odd but whole: a varying frame rate, a picture or a sound that starts late."""

from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.contracts.qc import Severity
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

JITTER = "settb=1/250,setpts='round((N/15+0.02*mod(N*7\\,5))*250)'"  # frames up to 0.08 s late, some close together
# 30, then 60, a gap of two seconds, then 12 frames a second.
JUMPS = "settb=1/600,setpts='if(lt(N\\,30)\\,N*20\\,if(lt(N\\,90)\\,600+(N-30)*10\\,2400+(N-90)*50))'"
PICTURE, SOUND = "testsrc2=size=176x144:rate=15:duration=", "sine=frequency=440:duration="


def film(path: Path, *arguments: str) -> Path:
    run([ffmpeg(), "-v", "error", *arguments, "-c:a", "aac", "-y", str(path)], timeout_s=60)
    return path


@pytest.mark.parametrize(("clock", "ticks"), [(JITTER, 250), (JUMPS, 600)])
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_variable_rate_is_a_warning_and_every_frame_is_seen(
    tmp_path: Path, check: Callable, found: Callable, clock: str, ticks: int, suffix: str
) -> None:
    source = ["-f", "lavfi", "-i", f"{PICTURE}8", "-vf", clock, "-fps_mode", "passthrough"]
    encode = ["-enc_time_base", f"1/{ticks}", "-c:v", "libx264", "-bf", "0", "-video_track_timescale", str(ticks)]
    report = check(film(tmp_path / f"variable.{suffix}", *source, *encode))
    assert report.measured["frames"] == 120
    assert report.verdict is not Severity.FAIL
    assert {finding.severity for finding in found(report, "variable_frame_rate")} == {Severity.WARN}


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "ts"])
@pytest.mark.parametrize("late", ["picture", "sound", "both"])
def test_a_late_start_is_no_early_end(tmp_path: Path, check: Callable, found: Callable, suffix: str, late: str) -> None:
    picture = ["-f", "lavfi", "-i", f"{PICTURE}{6 if late == 'sound' else 4}"]
    sound = ["-f", "lavfi", "-i", f"{SOUND}{4 if late == 'sound' else 6}"]
    offset = ["-itsoffset", "2"]
    inputs = [*(offset if late != "sound" else []), *picture, *(offset if late != "picture" else []), *sound]
    report = check(film(tmp_path / f"late.{suffix}", *inputs, "-map", "0:v", "-map", "1:a", "-c:v", "libx264"))
    assert found(report, "early_end") == []
    assert found(report, "truncated") == []
    assert report.measured["early_end_s"] == pytest.approx(0, abs=0.2)
