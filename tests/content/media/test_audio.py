"""Loudness and layout of audio renditions."""

import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.content.media.audio import MOST_GAIN_DB, encode_audio, gain_db
from marquee.contracts.plan import AudioRendition, EncodePlan
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.ffprobe import probe
from marquee.tools.process import run

Encode = Callable[[EncodePlan, AudioRendition], Path]


@pytest.fixture
def encode(mezzanine: Store, work: Store, scratch: Path) -> Encode:
    return lambda plan, audio: work.fetch(encode_audio(plan, audio, mezzanine, work, scratch))


def clip(folder: Path, sound: str, seconds: float = 6) -> Path:
    path = folder / "clip.mp4"
    inputs = ["-f", "lavfi", "-i", f"testsrc2=size=64x64:rate=25:duration={seconds}", "-f", "lavfi", "-i", sound]
    encoders = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "256k"]
    run([ffmpeg(), "-v", "error", *inputs, *encoders, "-t", str(seconds), str(path)], timeout_s=60)
    return path


def loudness(path: Path) -> float:
    said = run([ffmpeg(), "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128", "-f", "null", "-"],
               timeout_s=60).stderr  # fmt: skip
    return float(re.findall(r"I:\s+(\S+) LUFS", said)[-1])


@pytest.mark.parametrize("level_db", [-30, -12])
def test_a_track_comes_out_at_its_target(level_db: int, plan_of, encode: Encode, tmp_path: Path) -> None:
    """A mono track becomes stereo of the same loudness."""
    plan = plan_of(clip(tmp_path, f"aevalsrc={10 ** (level_db / 20):.4f}*sin(2*PI*997*t):s=44100"))
    (audio,) = plan.audio
    path = encode(plan, audio)
    (stream,) = probe(path, "-show_streams")["streams"]
    assert loudness(path) == pytest.approx(-23, abs=0.4)
    assert (stream["codec_name"], stream["profile"], stream["channels"]) == ("aac", "LC", 2)
    assert stream["sample_rate"] == "48000"


def test_silence_stays_silence(plan_of, encode: Encode, tmp_path: Path) -> None:
    plan = plan_of(clip(tmp_path, "anullsrc=channel_layout=stereo"), measured={"audio0_lufs": -math.inf})
    assert loudness(encode(plan, plan.audio[0])) == -70


def test_surround_keeps_its_channels_and_its_stereo_is_as_loud(plan_of, encode: Encode, shared_media: Path) -> None:
    plan = plan_of(shared_media / "big-buck-bunny-720p-5.1.mp4")
    stereo, surround = plan.audio
    (stream,) = probe(encode(plan, surround), "-show_streams")["streams"]
    assert (stream["channels"], stream["channel_layout"]) == (6, "5.1")
    assert loudness(encode(plan, stereo)) == pytest.approx(-23, abs=0.5)


@pytest.mark.parametrize(
    ("lufs", "peak", "expected"),
    [
        (-30.0, -20.0, 7.0),
        (-30.0, -4.0, 3.0),  # the peak limit comes first
        (-10.0, 2.0, -13.0),
        (-60.0, -58.0, MOST_GAIN_DB),
        (-math.inf, -math.inf, 0.0),
        (-70.0, -math.inf, 0.0),
        (None, None, 0.0),
        (-25.0, None, 2.0),
    ],
)
def test_one_gain(lufs: float | None, peak: float | None, expected: float, plan_of, make_clip) -> None:
    audio = plan_of(make_clip()).audio[0]
    assert gain_db(audio, lufs, peak) == pytest.approx(expected)
