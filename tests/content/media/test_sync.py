"""Picture and sound stay together, from odd sources to packaged segments: a flash and a click at the same moment."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.content.media.audio import audio_key, encode_audio, programme_samples
from marquee.content.media.encode import encode_chunk
from marquee.content.media.join import join_rendition, rendition_key
from marquee.content.media.plan import jobs
from marquee.contracts.plan import Codec, EncodePlan, Rung
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg, packager
from marquee.tools.ffprobe import probe
from marquee.tools.process import run

AT_S = 2.04  # frame 51
SECONDS = 4
H264 = Rung(codec=Codec.H264, width=160, height=90, crf=24, maxrate_kbps=600, preset="veryfast")
AV1 = Rung(codec=Codec.AV1, width=160, height=90, crf=36, maxrate_kbps=600, preset="12")
SOURCES = {
    "plain": ("plain.mp4", 0.0, ()),
    "sound starts later": ("late.mkv", 0.5, ()),
    "sound starts earlier": ("early.mkv", -0.3, ()),
    "all starts late": ("offset.ts", 0.2, ("-output_ts_offset", "1.7")),
}


def flash_and_click(folder: Path, name: str, sound_offset_s: float, extra: tuple[str, ...]) -> Path:
    """`sound_offset_s` is where the audio track starts against the video; the click stays at the same moment."""
    picture = f"color=black:size=320x180:rate=25:duration={SECONDS},drawbox=c=white:t=fill:enable='eq(n,51)'"
    click_s = AT_S - sound_offset_s
    sound = f"aevalsrc='if(between(t,{click_s},{click_s}+0.001),0.9,0)':s=48000:d={SECONDS - sound_offset_s}"
    inputs = ["-f", "lavfi", "-i", picture, "-itsoffset", str(sound_offset_s), "-f", "lavfi", "-i", sound]
    encoders = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "30", "-c:a", "aac", "-b:a", "160k"]
    run([ffmpeg(), "-v", "error", *inputs, *encoders, "-pix_fmt", "yuv420p", *extra, str(folder / name)], timeout_s=60)
    return folder / name


def click_s(path: Path) -> float:
    pcm = run([ffmpeg(), "-v", "error", "-i", str(path), "-ac", "1", "-f", "s16le", "-"], timeout_s=60).stdout
    samples = struct.unpack(f"<{len(pcm) // 2}h", pcm)
    return max(range(len(samples)), key=lambda n: abs(samples[n])) / 48_000


def flash_s(path: Path) -> float:
    measured = "signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-"
    lines = run([ffmpeg(), "-v", "error", "-i", str(path), "-vf", measured, "-f", "null", "-"], timeout_s=60).stdout
    frames = lines.decode().split("frame:")[1:]
    brightest = max(frames, key=lambda f: float(f.rpartition("=")[2]))
    return float(brightest.split("pts_time:")[1].split()[0])


def first_pts_s(path: Path) -> float:
    found = probe(path, "-show_entries", "packet=pts_time")["packets"]
    return min(float(p["pts_time"]) for p in found)


def packaged(folder: Path, track: str, source: Path) -> Path:
    """One track through Shaka Packager, its init segment and segments put together again."""
    out = folder / track
    descriptor = f"in={source},stream={track},init_segment={out}/init.mp4,segment_template={out}/$Number$.m4s"
    options = ["--segment_duration", "1", "--generate_static_live_mpd", "--mpd_output", f"{out}/m.mpd"]
    run([packager(), descriptor, *options], timeout_s=60)
    segments = sorted(out.glob("*.m4s"), key=lambda p: int(p.stem))
    (out / "all.mp4").write_bytes(b"".join(p.read_bytes() for p in (out / "init.mp4", *segments)))
    return out / "all.mp4"


@pytest.fixture
def make(
    plan_of: Callable[..., EncodePlan], small: Callable[..., EncodePlan], mezzanine: Store, work: Store, scratch: Path
) -> Callable[..., tuple[Path, Path]]:
    """The joined video and the audio of a source."""

    def encode(source: Path, rung: Rung) -> tuple[Path, Path]:
        plan = small(plan_of(source), rung)
        for job in jobs(plan):
            encode_chunk(plan, job, mezzanine, work, scratch)
        join_rendition(plan, rung, work, scratch)
        encode_audio(plan, plan.audio[0], mezzanine, work, scratch)
        return work.fetch(rendition_key(plan, rung)), work.fetch(audio_key(plan, plan.audio[0]))

    return encode


@pytest.mark.parametrize("rung", [H264, AV1], ids=["h264", "av1"])
def test_packaged_tracks_start_at_zero_and_stay_in_sync(make, rung: Rung, tmp_path: Path) -> None:
    source = flash_and_click(tmp_path, *SOURCES["plain"])
    video, audio = make(source, rung)
    video, audio = packaged(tmp_path, "video", video), packaged(tmp_path, "audio", audio)
    assert first_pts_s(video) == 0
    assert first_pts_s(audio) == 0
    assert flash_s(video) == pytest.approx(AT_S, abs=1e-6)
    assert click_s(audio) == pytest.approx(AT_S, abs=0.001)


@pytest.mark.parametrize("name", list(SOURCES))
def test_sync_survives_odd_sources(name: str, make, tmp_path: Path) -> None:
    video, audio = make(flash_and_click(tmp_path, *SOURCES[name]), H264)
    assert flash_s(video) == pytest.approx(AT_S, abs=1e-6)
    assert click_s(audio) == pytest.approx(AT_S, abs=0.001)


def test_sound_is_as_long_as_the_picture(plan_of, mezzanine: Store, work: Store, scratch: Path, tmp_path: Path) -> None:
    for offset in (0.7, -0.4):
        plan = plan_of(flash_and_click(tmp_path, f"{offset}.mkv", offset, ()))
        (stream,) = probe(work.fetch(encode_audio(plan, plan.audio[0], mezzanine, work, scratch)), "-show_streams")[
            "streams"
        ]
        assert int(stream["duration_ts"]) == programme_samples(plan) == SECONDS * 48_000
