"""Clips with known faults, probed as intake does it, and QC's word on them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.content.delivery.probe import probe_media
from marquee.content.media import qc
from marquee.contracts.qc import QcFinding, QcReport
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

Check = Callable[..., QcReport]
Found = Callable[[QcReport, str], list[QcFinding]]


@pytest.fixture(scope="session")
def check() -> Check:
    """QC of a clip under a profile; one without sound is meant to have none, unless `silent=False`."""

    def checked(clip: Path, profile: str = "ebu-r128", *, silent: bool = True, **options: object) -> QcReport:
        return qc.check(clip, probe_media(clip), profile, silent=silent, **options)

    return checked


@pytest.fixture(scope="session")
def found() -> Found:
    """The findings of one check."""
    return lambda report, name: [f for f in report.findings if f.check == name]


@pytest.fixture(scope="session")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A moving picture with sound from lavfi expressions, uncompressed, one track each."""

    def make(*tracks: str, seconds: float = 4) -> Path:
        path = tmp_path_factory.mktemp("tone") / "tone.mkv"
        argv = [ffmpeg(), "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size=320x180:rate=25:duration={seconds}"]
        for track in tracks:
            argv += ["-f", "lavfi", "-i", track]
        maps = [a for n in range(len(tracks) + 1) for a in ("-map", str(n))]
        run([*argv, *maps, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s24le", str(path)], timeout_s=60)
        return path

    return make


@pytest.fixture(scope="session")
def faulty(make_clip: Callable[..., Path]) -> Path:
    """12 s at 25 fps: black from 2 to 5 s, frozen from 6 to 11 s, silent from 7 to 11 s."""
    picture = (
        "testsrc2=size=320x180:rate=25:duration=12,drawbox=t=fill:c=black:enable='between(n,50,124)',"
        "loop=loop=125:size=1:start=150,trim=duration=12"
    )
    return make_clip("faulty.mp4", seconds=12, video=picture, extra=("-af", "volume=0:enable='between(t,7,11)'"))


PICTURE, SOUND = "testsrc2=size=176x144:rate=15:duration=", "sine=frequency=440:duration="
STREAMS = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25"]
RATE = "testsrc2=size=176x144:rate=25:duration="


def film(path: Path, *arguments: str) -> Path:
    """A film by ffmpeg, its sound in AAC."""
    run([ffmpeg(), "-v", "error", *arguments, "-c:a", "aac", "-y", str(path)], timeout_s=60)
    return path


def both(path: Path, *arguments: str, seconds: float = 6, starts: float = 0, rate: str = RATE) -> Path:
    """A film whose picture and sound start and end together."""
    offset = ["-itsoffset", str(starts)]
    inputs = [*offset, "-f", "lavfi", "-i", f"{rate}{seconds}", *offset, "-f", "lavfi", "-i", f"{SOUND}{seconds}"]
    return film(path, *inputs, *STREAMS, *arguments)


def checks(report: QcReport) -> set[str]:
    """Findings other than those on the test tone's loudness, or on its absence."""
    return {finding.check for finding in report.findings} - {"loudness", "no_sound"}
