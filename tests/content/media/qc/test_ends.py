"""Where films start and end: late, early and cut off, by edit lists, with and without declared lengths."""

import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.contracts.qc import Severity
from tests.content.media.qc.conftest import PICTURE, RATE, SOUND, STREAMS, both, checks, film


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


@pytest.mark.parametrize("merged", [False, True], ids=["counted from zero", "counted from the first frame"])
def test_a_late_film_that_is_cut_off_fails(tmp_path: Path, check: Callable, found: Callable, merged: bool) -> None:
    made = both(tmp_path / "late.mkv", "-cluster_time_limit", "1000", starts=2)
    if merged:
        made = counted_from_the_first_frame(made, 6.023)
    assert not checks(check(made))
    (finding,) = found(check(cut_at_a_cluster(made, 4)), "truncated")
    assert finding.severity is Severity.FAIL
    assert finding.start_s == pytest.approx(4, abs=0.2)


def test_a_picture_that_ends_before_its_declared_end_is_held(tmp_path: Path, check: Callable, found: Callable) -> None:
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


@pytest.mark.parametrize(("suffix", "coder"), [("mkv", "srt"), ("mp4", "mov_text"), ("mov", None)])
def test_captions_or_data_may_start_before_the_film(
    tmp_path: Path, check: Callable, suffix: str, coder: str | None
) -> None:
    (tmp_path / "cues.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nEarly\n")
    whole = both(tmp_path / f"whole.{suffix}", *([] if coder else ["-timecode", "01:00:00:00"]), starts=2, seconds=4)
    captions = ["-copyts", "-i", str(whole), "-i", str(tmp_path / "cues.srt"), "-map", "0", "-map", "1"]
    early = film(tmp_path / f"early.{suffix}", *captions, "-c", "copy", "-c:s", str(coder)) if coder else whole
    assert not checks(check(early))
