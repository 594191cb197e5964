import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.content.media.qc.sound import dead_channels, relative_threshold
from marquee.contracts.qc import QcReport, Severity
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

FRAME_S = 1 / 25


def convert(source: Path, target: str, *arguments: str) -> Path:
    path = source.with_name(target)
    run([ffmpeg(), "-v", "error", "-i", str(source), *arguments, "-y", str(path)], timeout_s=60)
    return path


def intervals(report: QcReport, check: str) -> list[tuple[float, float]]:
    return [(i.start_s, i.end_s) for i in report.intervals if i.check == check]


@pytest.mark.parametrize("container", ["mp4", "mkv", "ts"])
def test_black_freeze_and_silence_are_found_where_they_are(
    faulty: Path, check: Callable, found: Callable, container: str
) -> None:
    clip = faulty if container == "mp4" else convert(faulty, f"faulty.{container}", "-c", "copy")
    report = check(clip)
    expected = {"black": (2, 5), "freeze": (6, 11), "silence": (7, 11)}
    for name, (start, end) in expected.items():
        (finding,) = found(report, name)
        assert finding.start_s == pytest.approx(start, abs=0.05 if name == "silence" else 2 * FRAME_S), name
        assert finding.end_s == pytest.approx(end, abs=0.05 if name == "silence" else 2 * FRAME_S), name
        assert [(finding.start_s, finding.end_s)] == intervals(report, name)
    assert found(report, "silence")[0].track == "audio0"
    assert report.verdict is Severity.WARN


@pytest.mark.parametrize(
    ("rate", "name", "extra"),
    [("25", "clean.mp4", ()), ("24000/1001", "clean.mkv", ()), ("60", "clean.ts", ("-bf", "2"))],
)
def test_a_clean_clip_has_no_findings(
    make_clip: Callable, check: Callable, rate: str, name: str, extra: tuple[str, ...]
) -> None:
    report = check(make_clip(name, seconds=4, rate=rate, size="320x180", extra=extra))
    assert report.findings == ()
    assert report.verdict is Severity.PASS
    assert report.measured["frames"] == pytest.approx(4 * eval_rate(rate), abs=1)


def eval_rate(rate: str) -> float:
    numerator, _, denominator = rate.partition("/")
    return int(numerator) / int(denominator or 1)


@pytest.mark.parametrize("name", ["bikes-scope-noaudio.mp4", "cockatoo-720p-20fps-noaudio.mp4"])
def test_real_films_without_sound_pass(shared_media: Path, check: Callable, name: str) -> None:
    report = check(shared_media / name)
    assert report.findings == ()
    assert report.loudness_curve == ()


def test_a_film_without_sound_is_told_unless_it_is_meant_so(
    make_clip: Callable, check: Callable, found: Callable
) -> None:
    clip = make_clip("mute.mp4", seconds=2, size="160x90", audio=False)
    (warning,) = found(check(clip, silent=False), "no_sound")
    assert (warning.severity, "silent: true" in warning.message) == (Severity.WARN, True)
    assert not found(check(clip, silent=True), "no_sound")
    assert not found(check(make_clip("loud.mp4", seconds=2, size="160x90"), silent=False), "no_sound")


def test_subtitles_that_are_pictures_are_named_as_left_out(
    make_clip: Callable, check: Callable, found: Callable, tmp_path: Path
) -> None:
    text, sup, pictures, both = (tmp_path / name for name in ("a.srt", "a.sup", "pictures.mkv", "both.mkv"))
    text.write_text("1\n00:00:00,500 --> 00:00:01,000\nHello\n")
    sup.write_bytes(
        b"".join(b"PG" + struct.pack(">IIBH", 45_000, 0, kind, 0) for kind in (0x16, 0x80))
    )  # PGS: one picture
    inputs = ["-i", str(make_clip("film.mp4", seconds=2, size="160x90")), "-f", "sup", "-i", str(sup), "-i", str(text)]
    maps = ["-map", "0", "-map", "1", "-c", "copy", "-metadata:s:s:0", "language=ger"]
    run([ffmpeg(), "-v", "error", *inputs, *maps, str(pictures)], timeout_s=60)
    run([ffmpeg(), "-v", "error", *inputs, *maps, "-map", "2", str(both)], timeout_s=60)
    (warning,) = found(check(pictures), "only_picture_subtitles")
    assert warning.severity is Severity.WARN
    assert "stream 2 (hdmv_pgs_subtitle, ger)" in warning.message
    assert not found(check(both), "only_picture_subtitles")
    assert "stream 2 (hdmv_pgs_subtitle, ger)" in found(check(both), "picture_subtitles")[0].message


def test_one_turned_frame(shared_media: Path, check: Callable) -> None:
    report = check(shared_media / "rotation-90-one-frame.mp4")
    assert report.findings == ()
    assert report.measured["frames"] == 1


def test_a_real_film_in_surround(shared_media: Path, check: Callable, found: Callable) -> None:
    report = check(shared_media / "big-buck-bunny-720p-5.1.mp4")
    assert report.measured["audio0_channels"] == 6
    assert [f.check for f in report.findings] == ["loudness"]
    assert "encoding brings it to the target" in found(report, "loudness")[0].message


def test_loudness_of_the_ebu_test_signal(tone: Callable, check: Callable, found: Callable) -> None:
    """EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS reads -23.0 ± 0.1 LUFS."""
    report = check(tone("aevalsrc='0.0708*sin(2000*PI*t)|0.0708*sin(2000*PI*t)':s=48000:d=4"))
    assert report.measured["audio0_lufs"] == pytest.approx(-23.0, abs=0.1)
    assert report.measured["audio0_peak_dbtp"] == pytest.approx(-23.0, abs=0.3)
    assert report.measured["audio0_threshold_lufs"] == pytest.approx(-33.0, abs=0.1)
    assert not found(report, "loudness")
    assert [f.check for f in report.findings] == ["dual_mono"]
    assert all(level == pytest.approx(-23.0, abs=0.1) for _, level in report.loudness_curve)


def test_the_threshold_is_the_one_ffmpeg_reports(tone: Callable, check: Callable) -> None:
    clip = tone("aevalsrc='0.2*sin(2000*PI*t)*pow(t/6,2)':s=48000:d=6", seconds=6)
    report = check(clip)
    said = run([ffmpeg(), "-nostats", "-i", str(clip), "-af", "ebur128", "-f", "null", "-"], timeout_s=60).stderr
    (threshold,) = re.findall(r"I: .*LUFS\s+Threshold:\s+(\S+) LUFS", said)
    assert report.measured["audio0_threshold_lufs"] == pytest.approx(float(threshold), abs=0.06)
    assert relative_threshold([-80.0, -70.0]) is None


def test_profiles_differ_in_loudness(tone: Callable, check: Callable, found: Callable) -> None:
    clip = tone("aevalsrc='0.052*sin(2000*PI*t)|0.055*sin(2000*PI*t)':s=48000:d=4")  # about -26 LUFS
    assert found(check(clip, "ebu-r128"), "loudness")
    assert not found(check(clip, "atsc-a85"), "loudness")


def test_each_track_speaks_for_itself(tone: Callable, check: Callable, found: Callable) -> None:
    report = check(
        tone(
            "sine=frequency=440:duration=4,volume=-2dB",
            "anullsrc=r=48000:cl=stereo:d=4",
            "aevalsrc='0.1*sin(2000*PI*t)|-0.1*sin(2000*PI*t)':s=48000:d=4",
            "aevalsrc='0.1*sin(2000*PI*t)|0.1*sin(900*PI*t)|0|0|0.1*sin(700*PI*t)|0.1*sin(600*PI*t)':c=5.1:s=48000:d=4",
            "aevalsrc='0.99*sin(2000*PI*t)':s=48000:d=2",
        )
    )
    by_track = {(f.track, f.check): f.severity for f in report.findings}
    assert by_track[("audio1", "all_silence")] is Severity.FAIL
    assert ("audio1", "silence") not in by_track
    assert by_track[("audio2", "phase_inverted")] is Severity.WARN
    assert "1 channel of 6" in next(f.message for f in report.findings if f.check == "dead_channels")
    assert by_track[("audio3", "dead_channels")] is Severity.WARN
    assert by_track[("audio4", "true_peak")] is Severity.WARN
    assert report.measured["audio4_short_frames"] == pytest.approx(50, abs=3)
    assert by_track[("audio4", "audio_short")] is Severity.WARN
    assert not [check for track, check in by_track if track == "audio0"]
    assert report.measured["audio1_lufs"] is None
    assert report.verdict is Severity.FAIL


def test_only_the_low_frequency_channel_may_rest() -> None:
    assert dead_channels([0.5, 0.5, 0.5, 0.0, 0.5, 0.5], "5.1(side)") == []
    assert dead_channels([0.5, 0.5, 0.0, 0.0, 0.5, 0.5], "5.1") == [2]
    assert dead_channels([0.0, 0.0], "stereo") == []


def test_interlaced_fields(make_clip: Callable, check: Callable, found: Callable) -> None:
    fields = "testsrc2=size=320x180:rate=50:duration=4,tinterlace=interleave_bottom,setfield=bff"
    report = check(make_clip("fields.mp4", audio=False, video=fields, extra=("-flags", "+ildct+ilme")))
    assert found(report, "interlaced")
    assert report.measured["interlaced_share"] == pytest.approx(1, abs=0.05)
    assert report.measured["field_order"] == "bff"


def test_a_variable_rate(make_clip: Callable, check: Callable, found: Callable) -> None:
    uneven = "testsrc2=size=320x180:rate=25:duration=4,select='not(between(n,50,99)*mod(n,2))'"
    report = check(make_clip("vfr.mp4", audio=False, video=uneven, extra=("-fps_mode", "vfr")))
    (finding,) = found(report, "variable_frame_rate")
    assert finding.start_s == pytest.approx(2, abs=0.05)
    assert report.measured["variable_share"] == pytest.approx(25 / 74, abs=0.02)
    assert report.measured["timestamp_errors"] == 0


def test_frames_that_share_a_time(make_clip: Callable, check: Callable, found: Callable) -> None:
    clip = make_clip("times.mkv", seconds=4, size="320x180", audio=False, extra=("-bf", "0"))
    doubled = convert(clip, "doubled.mkv", "-c", "copy", "-bsf:v", "setts=ts=if(eq(N\\,50)\\,PREV_OUTPTS\\,TS)")
    (finding,) = found(check(doubled), "timestamps")
    assert finding.start_s == pytest.approx(2, abs=0.05)


def test_flashes(make_clip: Callable, check: Callable, found: Callable) -> None:
    strobe = "testsrc2=size=320x180:rate=25:duration=6,negate=enable='between(t,2,4)*lt(mod(n,5),2)'"
    report = check(make_clip("strobe.mp4", audio=False, video=strobe))
    (finding,) = found(report, "flashes")
    assert finding.start_s == pytest.approx(2, abs=0.1)
    assert finding.end_s == pytest.approx(4, abs=0.2)
    assert report.measured["flashes_per_s"] == pytest.approx(5, abs=0.5)
    assert "not a Harding test" in finding.message


def test_three_flashes_are_allowed(make_clip: Callable, check: Callable, found: Callable) -> None:
    calm = "testsrc2=size=320x180:rate=25:duration=4,negate=enable='lt(mod(n,10),5)'"
    assert not found(check(make_clip("calm.mp4", audio=False, video=calm)), "flashes")


@pytest.mark.parametrize("turned", [False, True])
def test_bars_are_proposed_for_cropping_as_displayed(
    make_clip: Callable, check: Callable, found: Callable, turned: bool
) -> None:
    bars = "testsrc2=size=320x136:rate=25:duration=4,pad=320:180:0:22"
    clip = make_clip("bars.mp4", audio=False, video=bars)
    if turned:
        clip = turn(clip)
    report = check(clip)
    crop = tuple(report.measured[f"crop_{side}"] for side in ("width", "height", "x", "y"))
    assert crop == ((136, 320, 22, 0) if turned else (320, 136, 0, 22))
    assert found(report, "letterbox")[0].severity is Severity.WARN
    assert not found(report, "bars")


def turn(clip: Path) -> Path:
    path = clip.with_name("turned.mp4")
    run(
        [ffmpeg(), "-v", "error", "-display_rotation", "90", "-i", str(clip), "-c", "copy", "-y", str(path)],
        timeout_s=60,
    )
    return path


def test_narrow_bars_only_inform(make_clip: Callable, check: Callable, found: Callable) -> None:
    report = check(
        make_clip("narrow.mp4", audio=False, video="testsrc2=size=320x174:rate=25:duration=4,pad=320:180:0:3")
    )
    assert [f.check for f in report.findings] == ["bars"]
    assert report.verdict is Severity.PASS


def test_a_dark_side_is_no_bar(make_clip: Callable, check: Callable) -> None:
    dark = "testsrc2=size=320x180:rate=25:duration=4,drawbox=w=100:h=180:t=fill:c=black"
    report = check(make_clip("dark.mp4", audio=False, video=dark))
    assert report.findings == ()
    assert report.measured["crop_width"] is None


def test_a_black_film_fails_once(make_clip: Callable, check: Callable) -> None:
    report = check(make_clip("black.mp4", audio=False, video="color=black:size=320x180:rate=25:duration=4"))
    assert [(f.check, f.severity) for f in report.findings] == [("all_black", Severity.FAIL)]


@pytest.mark.parametrize("seconds", [0.04, 0.5, 1])
def test_a_short_clip_is_not_blamed_for_being_short(make_clip: Callable, check: Callable, seconds: float) -> None:
    black = f"color=black:size=320x180:rate=25:duration={seconds}"
    report = check(make_clip("short.mp4", seconds=seconds, video=black))
    assert report.verdict is Severity.PASS, report.findings


def damaged(clip: Path, name: str, start: float, end: float, every: int) -> Path:
    """A copy of an MP4 file with bytes inverted in a part of its media data, after which comes its index."""
    content = bytearray(clip.read_bytes())
    first, last = content.index(b"mdat") + 4, content.index(b"moov") - 4
    for at in range(first + int((last - first) * start), first + int((last - first) * end), every):
        content[at] ^= 0xFF
    path = clip.with_name(name)
    path.write_bytes(content)
    return path


def test_damage_is_counted_and_placed(make_clip: Callable, check: Callable, found: Callable) -> None:
    clip = make_clip("whole.mp4", seconds=8, size="320x180", audio=False)
    report = check(damaged(clip, "damaged.mp4", 0.5, 0.6, 97))
    (finding,) = found(report, "decode_damage")
    assert finding.severity is Severity.FAIL
    assert finding.start_s == pytest.approx(4, abs=1)
    assert report.measured["decode_errors"]
    assert not found(report, "decode_errors")


def test_a_single_error_is_for_a_person_to_judge(make_clip: Callable, check: Callable, found: Callable) -> None:
    clip = make_clip("whole.mp4", seconds=8, size="320x180", audio=False, extra=("-g", "10"))
    report = check(damaged(clip, "scratched.mp4", 0.5, 0.5001, 1))
    assert report.measured["decode_errors"] == 2
    assert report.verdict is Severity.WARN or found(report, "decode_damage")


def test_rubbish_is_a_verdict_and_not_a_crash(make_clip: Callable, check: Callable, found: Callable) -> None:
    report = check(damaged(make_clip("whole.mp4", seconds=4, size="320x180"), "rubbish.mp4", 0, 1, 1))
    assert found(report, "missing_frames")
    assert report.verdict is Severity.FAIL
