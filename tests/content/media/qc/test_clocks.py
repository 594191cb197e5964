"""Films whose clocks are odd but whole: a varying frame rate, a picture or a sound that starts late."""

import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.contracts.qc import QcReport, Severity
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
    held = found(report, "late_start") + found(report, "very_late_start")
    assert [finding.severity is not Severity.FAIL for finding in held] == [True] * (late == "picture")
    assert report.measured["late_start_s"] == pytest.approx(2 if late == "picture" else 0, abs=0.05)


STREAMS = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25"]
RATE = "testsrc2=size=176x144:rate=25:duration="


def both(path: Path, *arguments: str, seconds: float = 6, starts: float = 0, rate: str = RATE) -> Path:
    """A film whose picture and sound start and end together."""
    offset = ["-itsoffset", str(starts)]
    inputs = [*offset, "-f", "lavfi", "-i", f"{rate}{seconds}", *offset, "-f", "lavfi", "-i", f"{SOUND}{seconds}"]
    return film(path, *inputs, *STREAMS, *arguments)


def checks(report: QcReport) -> set[str]:
    """Findings other than those on the test tone's loudness, or on its absence."""
    return {finding.check for finding in report.findings} - {"loudness", "no_sound"}


def cut_at_a_cluster(source: Path, after: int) -> Path:
    """A Matroska file of its first clusters, its Segment as long as what is left: intake takes it for whole."""
    content = source.read_bytes()
    segment = content.index(b"\x18\x53\x80\x67") + 4
    clusters = [at for at in range(len(content)) if content[at : at + 4] == b"\x1f\x43\xb6\x75"]
    size = (clusters[after] - segment - 8) | 1 << 56  # RFC 8794 § 4: eight bytes wide
    path = source.with_name(f"cut-{source.name}")
    path.write_bytes(content[:segment] + size.to_bytes(8) + content[segment + 8 : clusters[after]])
    return path


def counted_from_the_first_frame(source: Path, seconds: float) -> Path:
    """A Matroska file as mkvmerge writes it: no length counts from zero."""
    content = source.read_bytes()
    at = content.index(b"\x44\x89\x88") + 3  # Duration, a double of milliseconds
    content = content[:at] + struct.pack(">d", 1000 * seconds) + content[at + 8 :]
    content = re.sub(rb"Lavf[\d.]{8}", b"libmatroska ", content)
    content = re.sub(rb"00:00:\d\d\.\d{9}", f"00:00:{seconds:012.9f}".encode(), content)
    path = source.with_name(f"merged-{source.name}")
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("merged", [False, True], ids=["counted from zero", "counted from the first frame"])
def test_a_late_film_that_is_cut_off_fails(tmp_path: Path, check: Callable, found: Callable, merged: bool) -> None:
    film = both(tmp_path / "late.mkv", "-cluster_time_limit", "1000", starts=2)
    if merged:
        film = counted_from_the_first_frame(film, 6.023)
    assert not checks(check(film))
    (finding,) = found(check(cut_at_a_cluster(film, 4)), "truncated")
    assert finding.severity is Severity.FAIL
    assert finding.start_s == pytest.approx(4, abs=0.2)


def test_a_picture_that_ends_before_its_sound_and_its_word_is_held(
    tmp_path: Path, check: Callable, found: Callable
) -> None:
    """Six seconds of sound and three of picture, whose length is said to be six as well."""
    inputs = ["-f", "lavfi", "-i", f"{RATE}3", "-f", "lavfi", "-i", f"{SOUND}6"]
    whole = film(tmp_path / "short.mkv", *inputs, *STREAMS)
    whole.write_bytes(whole.read_bytes().replace(b"00:00:03.000", b"00:00:06.000"))
    report = check(whole)
    (finding,) = found(report, "early_end")
    assert (finding.severity, finding.start_s) == (Severity.WARN, pytest.approx(3, abs=0.01))
    assert report.measured["early_end_share"] == 0


@pytest.mark.parametrize(
    ("suffix", "flags"),
    [("mp4", "empty_moov+frag_keyframe"), ("mov", "empty_moov+frag_keyframe"), ("mkv", ""), ("ts", "")],
)
def test_a_film_without_a_declared_length_is_whole(tmp_path: Path, check: Callable, suffix: str, flags: str) -> None:
    fragments = ["-movflags", f"{flags}+skip_trailer+delay_moov"] if flags else []
    live = ["-live", "1"] if suffix == "mkv" else []
    report = check(both(tmp_path / f"open.{suffix}", *fragments, *live, starts=1))
    assert checks(report) <= {"variable_frame_rate"}
    assert report.measured["picture_s"] == pytest.approx(6, abs=0.05)


def test_a_length_that_nothing_declares_is_not_missed(tmp_path: Path, check: Callable) -> None:
    """ffprobe takes the rate of a stream without a length from its first frames; the later ones are closer."""
    clock = "settb=1/600,setpts='if(lt(N\\,60)\\,N*50\\,3000+(N-60)*10)'"
    source = ["-f", "lavfi", "-i", f"{RATE}8", "-vf", clock, "-fps_mode", "passthrough", "-enc_time_base", "1/600"]
    report = check(film(tmp_path / "piped.mkv", *source, *STREAMS, "-live", "1"))
    assert report.measured["early_end_s"] is None
    assert checks(report) == {"variable_frame_rate"}


@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_frames_outside_an_edit_list_are_not_missed(tmp_path: Path, check: Callable, suffix: str) -> None:
    source = both(tmp_path / f"whole.{suffix}", "-g", "50")
    report = check(film(tmp_path / f"edited.{suffix}", "-ss", "2.48", "-i", str(source), "-c", "copy"))
    assert report.measured["frames"] == 88
    assert report.measured["missing_share"] == 0
    assert not checks(report)


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_a_held_last_frame_is_part_of_the_picture(tmp_path: Path, check: Callable, suffix: str) -> None:
    inputs = ["-f", "lavfi", "-i", f"{RATE}4", "-f", "lavfi", "-i", f"{SOUND}6.52"]
    hold = "setts=duration=if(eq(N\\,99)\\,2.56/TB\\,DURATION)"
    report = check(film(tmp_path / f"held.{suffix}", *inputs, *STREAMS, "-bsf:v", hold))
    assert report.measured["picture_s"] == pytest.approx(6.52, abs=0.002)
    assert report.measured["audio0_over_s"] < 0.1
    assert checks(report) == {"gap"}


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_gap_of_seconds_is_told_with_its_place(tmp_path: Path, check: Callable, found: Callable, suffix: str) -> None:
    gap = ["-vf", "setpts=PTS+gte(N\\,50)*1.6/TB", "-fps_mode", "passthrough", "-shortest"]
    report = check(both(tmp_path / f"gap.{suffix}", *gap))
    (finding,) = found(report, "gap")
    assert finding.severity is Severity.WARN
    assert finding.start_s == pytest.approx(1.96, abs=0.03)
    assert report.measured["longest_step_s"] == pytest.approx(1.64, abs=0.002)


@pytest.mark.parametrize("suffix", ["mkv", "ts", "mp4", "mov"])
@pytest.mark.parametrize("early", ["sound", "both"])
def test_a_negative_start_is_no_fault(tmp_path: Path, check: Callable, suffix: str, early: str) -> None:
    start = ["-itsoffset", "-1"]
    picture = ["-f", "lavfi", "-i", f"{RATE}{4 if early == 'sound' else 5}"]
    inputs = [*(start if early == "both" else []), *picture, *start, "-f", "lavfi", "-i", f"{SOUND}5"]
    kept = ["-avoid_negative_ts", "disabled", "-muxdelay", "0", "-muxpreload", "0"]
    report = check(film(tmp_path / f"negative.{suffix}", *inputs, *STREAMS, *kept))
    assert report.verdict is not Severity.FAIL
    assert report.measured["missing_share"] == 0
    assert report.measured["early_end_s"] == pytest.approx(0, abs=0.1)


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


@pytest.mark.parametrize(("suffix", "coder"), [("mkv", "srt"), ("mp4", "mov_text"), ("mov", None)])
def test_captions_or_data_may_start_before_the_film(
    tmp_path: Path, check: Callable, suffix: str, coder: str | None
) -> None:
    (tmp_path / "cues.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nEarly\n")
    whole = both(tmp_path / f"whole.{suffix}", *([] if coder else ["-timecode", "01:00:00:00"]), starts=2, seconds=4)
    captions = ["-copyts", "-i", str(whole), "-i", str(tmp_path / "cues.srt"), "-map", "0", "-map", "1"]
    early = film(tmp_path / f"early.{suffix}", *captions, "-c", "copy", "-c:s", str(coder)) if coder else whole
    assert not checks(check(early))
