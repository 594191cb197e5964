"""Faults in a part of a film are found where they are: one clip with many of them, and laws on what is no fault."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from marquee.content.media.qc.captions import CaptionFile, captions
from marquee.content.media.qc.channels import Channels
from marquee.content.media.qc.filter_output import Frame
from marquee.content.media.qc.flashes import Changes
from marquee.content.media.qc.leaders import at_ends
from marquee.content.media.qc.levels import colour_tags
from marquee.contracts.qc import QcReport
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run
from tests.content.media.qc.test_commands import media, track

NEAR_S = 0.5
PICTURE = (
    "smptebars=size=320x180:rate=25:duration=2,format=yuv420p,setsar=1[bars];"
    "testsrc2=size=320x180:rate=25:duration=18,format=yuv420p,tblend=all_expr='if(mod(Y,2),A,B)':enable='between(t,2,4)',"
    "settb=AVTB,setpts=N/25/TB,"  # the blend leaves the first frame out
    "drawbox=h=22:t=fill:c=black:enable='between(t,5,11)',drawbox=y=158:h=22:t=fill:c=black:enable='between(t,5,11)',"
    "lutyuv=y='clip((val-126)*3+126,1,254)':enable='between(t,12,14)',loop=loop=1:size=1:start=390,trim=duration=18,"
    "setsar=1[film];[bars][film]concat[v]"
)
NOISE = "|".join(f"0.12*(0.8*random(0)+0.2*random({n})-0.5)*(1+0.3*sin(2*t))" for n in (1, 2))
SOUND = (
    "sine=frequency=1000:sample_rate=48000:duration=2,volume=-2dB,pan=stereo|c0=c0|c1=c0[tone];"
    f"aevalsrc='{NOISE}':s=48000:d=18:c=stereo,aeval='val(0)*not(between(t,2,5))|val(1)*if(between(t,7,10),-1,1)':c=same,"
    "aeval='clip(val(0)*if(between(t,12,13),60,1),-1,1)|val(1)':c=same[film];[tone][film]concat=v=0:a=1[a]"
)
WANTED = {  # check: start and end, in seconds of the film with the two of the leader
    "colour_bars": (0, 2),
    "interlaced": (4, 6),
    "bars_part": (7, 13),
    "illegal_levels": (14, 16),
    "repeated_frames": (17.6, 17.64),
    "tone": (0, 2),
    "dead_part": (4, 7),
    "inverted_part": (9, 12),
    "clipping": (14, 15),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, check: Callable[..., QcReport]) -> QcReport:
    path = tmp_path_factory.mktemp("faults") / "faults.mkv"
    argv = [ffmpeg(), "-v", "error", "-filter_complex", f"{PICTURE};{SOUND}", "-map", "[v]", "-map", "[a]"]
    run([*argv, "-c:v", "libx264", "-preset", "veryfast", "-c:a", "flac", str(path)], timeout_s=120)
    return check(path)


@pytest.mark.parametrize("name", WANTED)
def test_each_is_found_where_it_is(report: QcReport, name: str) -> None:
    found = [(f.start_s, f.end_s) for f in report.findings if f.check == name]
    assert found, [f.check for f in report.findings]
    assert found[0] == pytest.approx(WANTED[name], abs=NEAR_S)


def test_nothing_else_is_found(report: QcReport) -> None:
    assert {f.check for f in report.findings} - {"loudness", "true_peak"} == set(WANTED)


def test_curves_are_of_the_whole_film(report: QcReport) -> None:
    assert report.short_term_curve[0][0] == pytest.approx(3, abs=0.2)
    assert report.waveform[0][0] == 0
    assert max(at for at, _ in report.waveform) == pytest.approx(20, abs=0.2)
    assert all(0 <= peak <= 1 for _, peak in report.waveform)
    assert max(peak for at, peak in report.waveform if 14 < at < 15) == 1


@pytest.mark.parametrize(
    ("stretches", "ends"),
    [
        ([(0, 3), (8, 9)], [(0, 3)]),
        ([(0.4, 3), (3.3, 5)], [(0.4, 3), (3.3, 5)]),
        ([(16, 20)], [(16, 20)]),
        ([(2, 5)], []),
        ([(0, 20)], []),
    ],
)
def test_a_leader_is_at_an_end_and_not_the_whole(stretches: list, ends: list) -> None:
    assert at_ends(stretches, [], 0, 20) == ends


def test_a_slate_may_follow_black() -> None:
    assert at_ends([(1, 4)], [(0, 1)], 0, 20) == [(1, 4)]


def sounding(blocks: int, channels: int, hz: list[float]) -> Channels:
    """Channels at -20 dB whose waves cross zero as often as these frequencies do."""
    made = Channels(track(channels).model_copy(update={"layout": "5.1"}))
    values = {
        f"astats.{n + 1}.{name}": str(value)
        for n, frequency in enumerate(hz)
        for name, value in (("RMS_level", -20), ("Peak_level", -10), ("Zero_crossings_rate", 2 * frequency / 48000))
    }
    for _ in range(blocks):
        made.see(Frame(0.0, values))
    return made


@pytest.mark.parametrize(("hz", "low"), [([900, 900, 700, 60, 800, 800], 60), ([900, 900, 60, 700, 800, 800], 700)])
def test_the_frequency_of_the_low_channel_tells_the_order(hz: list[float], low: float) -> None:
    assert sounding(30, 6, hz).measures({})["lfe_hz"] == pytest.approx(low, rel=1e-3)


def flashing(share: float, per_s: float, high: float, rate: int = 50) -> int:
    """The most changes in a second that a quarter of 100 cells make."""
    seen, lit = Changes(0.1, 0.8), np.arange(100) < 100 * share
    return max(
        seen.see(n / rate, np.where(lit & (int(2 * per_s * n / rate) % 2 == 1), high, 0.02)) for n in range(3 * rate)
    )


@pytest.mark.parametrize(
    ("share", "per_s", "high", "changes"),
    [(1, 5, 0.5, 10), (0.3, 4, 0.2, 8), (0.2, 5, 1, 0), (1, 5, 0.1, 0), (1, 3, 1, 6)],
)
def test_flashes_count_by_area_and_by_light(share: float, per_s: float, high: float, changes: int) -> None:
    """WCAG 2.3.1: a quarter of the picture, a tenth of the light, more than three in a second."""
    assert flashing(share, per_s, high) == changes


@pytest.mark.parametrize(
    ("tags", "conflict"),
    [
        ({"transfer": "smpte2084", "bit_depth": 8}, "PQ in 8 bits"),
        ({"transfer": "smpte2084", "bit_depth": 10, "primaries": "bt2020", "matrix": "bt2020nc"}, ""),
        ({"transfer": "arib-std-b67", "bit_depth": 10, "primaries": "bt709"}, "HLG with primaries bt709"),
        ({"matrix": "bt2020nc", "primaries": "bt709"}, "matrix bt2020 with primaries bt709"),
        ({}, ""),
    ],
)
def test_colour_tags_may_contradict_each_other(tags: dict[str, object], conflict: str) -> None:
    assert colour_tags(media(**tags).picture)["colour_conflict"] == conflict


ENGLISH = "Where have you been all this time, and why did nobody tell me anything about it?"
GERMAN = "Wo bist du denn die ganze Zeit gewesen, und warum hat mir niemand etwas davon gesagt?"


@pytest.mark.parametrize(
    ("line", "lines", "declared", "differs"),
    [
        (ENGLISH, 20, "en", 0),
        (ENGLISH, 20, "en-GB", 0),
        (ENGLISH, 20, "de", 1),
        (GERMAN, 20, "en", 1),
        (GERMAN, 3, "en", 0),  # too short to be told
        (GERMAN, 20, "", 0),
    ],
)
def test_the_language_of_captions(line: str, lines: int, declared: str, differs: int) -> None:
    cues = "\n".join(f"{n}\n00:00:{2 * n:02},000 --> 00:00:{2 * n + 1:02},900\n{line}\n" for n in range(lines))
    assert captions("a.srt", CaptionFile(cues.encode(), declared, "utf-8"), 60).row["language_differs"] == differs


def test_real_captions_are_in_the_language_they_say(shared_media: Path) -> None:
    real = (shared_media / "popeye-1080.eng.srt").read_bytes()
    assert captions("a.srt", CaptionFile(real, "en"), 64).row["language_differs"] == 0
