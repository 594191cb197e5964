"""Loudness and layout of audio renditions."""

import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from marquee.content.media.audio import encode_audio
from marquee.content.media.loudness import MOST_GAIN_DB, MOST_LIMITING_DB, gain_db, true_peak_dbtp
from marquee.content.media.package import dash
from marquee.contracts.plan import AudioCodec, AudioRendition, EncodePlan
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg, packager
from marquee.tools.ffprobe import probe
from marquee.tools.process import run

Encode = Callable[[EncodePlan, AudioRendition], Path]


@pytest.fixture
def encode(mezzanine: Store, work: Store, scratch: Path) -> Encode:
    return lambda plan, audio: work.fetch(encode_audio(plan, audio, mezzanine, work, scratch))


def clip(folder: Path, sound: str, seconds: float = 6, encoder: str = "aac") -> Path:
    path = folder / "clip.mp4"
    inputs = ["-f", "lavfi", "-i", f"testsrc2=size=64x64:rate=25:duration={seconds}", "-f", "lavfi", "-i", sound]
    encoders = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", encoder, "-b:a", "256k"]
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
        (-30.0, -4.0, 7.0),  # the limiter takes 4 dB
        (-40.0, -4.0, 3.0 + MOST_LIMITING_DB),  # as much as it may
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


PEAKY = "aevalsrc='0.05*sin(2*PI*997*t)+if(lt(mod(t,0.5),0.0004),0.9*sin(2*PI*11997*t+1),0)':s=48000"


@pytest.mark.parametrize("codec", list(AudioCodec))
def test_true_peaks_are_limited_in_what_was_encoded(codec: AudioCodec, plan_of, encode: Encode, tmp_path: Path) -> None:
    """Clicks far above a quiet tone: the gain to the target would lift them over full scale."""
    plan = plan_of(clip(tmp_path, PEAKY))
    audio = plan.audio[0].model_copy(update={"codec": codec})
    path = encode(plan, audio)
    assert true_peak_dbtp(path, 60) <= audio.target_peak_dbtp
    assert loudness(path) > loudness(tmp_path / "clip.mp4") + 1


CHANNELS = ("FL", "FR", "FC", "LFE", "BL", "BR")


def tone_db(path: Path, hertz: int, channel: int) -> float:
    """Level of a tone in one channel."""
    listen = f"pan=mono|c0=c{channel},bandpass=f={hertz}:width_type=h:w=40,astats"
    said = run([ffmpeg(), "-hide_banner", "-nostats", "-i", str(path), "-ss", "1", "-af", listen, "-f", "null", "-"],
               timeout_s=60).stderr  # fmt: skip
    return float(re.findall(r"RMS level dB: (\S+)", said)[-1])


def test_stereo_of_surround_has_the_standards_shares(plan_of, encode: Encode, tmp_path: Path) -> None:
    """A tone of its own in each channel. ITU-R BS.775: centre and surrounds at -3 dB, no low-frequency channel."""
    hertz = {name: 400 + 300 * n for n, name in enumerate(CHANNELS)}
    tones = "|".join(f"0.1*sin(2*PI*{f}*t)" for f in hertz.values())
    plan = plan_of(clip(tmp_path, f"aevalsrc='{tones}':s=48000:c=5.1", seconds=4, encoder="flac"))
    stereo = next(a for a in plan.audio if a.channels == 2).model_copy(update={"bitrate_kbps": 320})
    path = encode(plan, stereo)
    whole = tone_db(path, hertz["FL"], 0)
    left = {name: tone_db(path, f, 0) - whole for name, f in hertz.items()}
    assert [left["FC"], left["BL"]] == pytest.approx([-3.01, -3.01], abs=0.3)
    assert max(left["FR"], left["BR"], left["LFE"]) < -20
    assert tone_db(path, hertz["FR"], 1) - whole == pytest.approx(0, abs=0.3)
    assert tone_db(path, hertz["FC"], 1) - whole == pytest.approx(-3.01, abs=0.3)


WIDE = ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR")
HERTZ = {name: 60 if name == "LFE" else 400 + 300 * n for n, name in enumerate(WIDE)}


def heard(path: Path, channels: int) -> list[set[str]]:
    """Whose tones are heard in each channel: those of at least a tenth of the loudest one's amplitude."""
    argv = [ffmpeg(), "-v", "error", "-ss", "0.5", "-i", str(path), "-t", "1", "-f", "f32le", "-"]
    samples = np.frombuffer(run(argv, timeout_s=60).stdout, "<f4").reshape(-1, channels)
    found = np.abs(np.fft.rfft(samples * np.hanning(len(samples))[:, None], axis=0))  # a bin a hertz
    strong = found.max() / 10
    return [{name for name, hertz in HERTZ.items() if found[hertz, n] > strong} for n in range(channels)]


def packaged(path: Path, folder: Path) -> tuple[Path, str]:
    """A track as it is behind Packager, and the channels that the completed manifest says."""
    pieces = "init_segment=init.mp4,segment_template=$Number$.m4s"
    argv = [packager(), f"in={path},stream=audio,{pieces}", "--mpd_output=a.mpd", "--generate_static_live_mpd"]
    run(argv, timeout_s=60, cwd=folder)
    segments = sorted(folder.glob("*.m4s"), key=lambda each: int(each.stem))
    whole = folder / "whole.mp4"
    whole.write_bytes(b"".join(each.read_bytes() for each in (folder / "init.mp4", *segments)))
    manifest = dash.parse((folder / "a.mpd").read_bytes())
    dash.name_channels(manifest)
    (said,) = manifest.iter(dash.q("AudioChannelConfiguration"))
    return whole, f"{said.get('schemeIdUri')} {said.get('value')}"


def test_each_codec_carries_its_channels_and_starts_with_the_picture(plan_of, encode: Encode, tmp_path: Path) -> None:
    """7.1 of all that can, a tone in each channel: the tests of timing are the encoder's own gates."""
    tones = "|".join(f"0.1*sin(2*PI*{hertz}*t)" for hertz in HERTZ.values())
    sound = f"aevalsrc='{tones}':s=48000:c=7.1"
    plan = plan_of(clip(tmp_path, sound, seconds=2, encoder="flac"), profile="premium", rungs=())
    made = {(a.codec.value, a.channels) for a in plan.audio}
    assert made == {("aac", 2), ("aac", 6), ("eac3", 6), ("opus", 2), ("opus", 6), ("opus", 8)}
    wide_aac = plan.audio[0].model_copy(update={"channels": 8, "bitrate_kbps": 512})
    for audio in (*plan.audio, wide_aac):
        path = encode(plan, audio)
        (stream,) = probe(path, "-show_streams")["streams"]
        assert (stream["codec_name"], stream["channels"]) == (audio.codec.value, audio.channels)
        if audio.channels > 2:
            surround = [{"BL", "SL"}, {"BR", "SR"}] if audio.channels == 6 else [{name} for name in WIDE[4:]]
            assert heard(path, audio.channels) == [*({name} for name in WIDE[:4]), *surround]
        if audio.channels > 6:
            (folder := tmp_path / audio.codec).mkdir()
            behind, said = packaged(path, folder)
            assert heard(behind, 8) == [{name} for name in WIDE]
            assert said == "urn:mpeg:mpegB:cicp:ChannelConfiguration 12"
