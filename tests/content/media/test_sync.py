"""Picture and sound stay together, from odd sources to packaged segments: a flash and a click at the same moment."""

import math
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
STAMP_S = 0.01  # Matroska counts in milliseconds, and in whole packets before zero
SECONDS = 4
H264 = Rung(codec=Codec.H264, width=160, height=90, crf=24, maxrate_kbps=600, preset="veryfast")
AV1 = Rung(codec=Codec.AV1, width=160, height=90, crf=36, maxrate_kbps=600, preset="12")
FRAME_S = 1 / 25
# File, second at which the sound starts against the picture, and what ffmpeg is told besides.
SOURCES = {
    "plain": ("plain.mp4", 0.0, ()),
    "sound starts later": ("late.mkv", 0.5, ()),
    "sound starts later, mp4": ("late.mp4", 0.5, ()),
    "sound starts later, ts": ("late.ts", 0.5, ()),
    "sound starts earlier": ("early.mkv", -0.3, ()),
    "picture starts late": ("picture.mkv", -2.467, ()),
    "picture starts late, mp4": ("picture.mp4", -2.467, ()),
    "picture starts late, mov": ("picture.mov", -1.0, ()),
    "picture starts late, ts": ("picture.ts", -1.0, ()),
    "sound starts before zero": ("before.mkv", -0.5, ("-output_ts_offset", "-0.4", "-avoid_negative_ts", "disabled")),
    "the clock starts anew on the way": (
        "wrapped.ts",
        0.2,
        ("-output_ts_offset", "-3.4", "-avoid_negative_ts", "disabled"),
    ),
    "all starts late": ("offset.ts", 0.2, ("-output_ts_offset", "1.7")),
}


def lead_s(source: Path) -> float:
    """How long the first frame is held: whole frames, as many as the sound that begins before it needs."""
    starts = {s["codec_type"]: float(s["start_time"]) for s in probe(source, "-show_streams")["streams"]}
    early_s = starts["video"] - starts["audio"]
    return math.ceil(round(early_s / FRAME_S, 3)) * FRAME_S if early_s >= 0.1 else 0.0


def flash_and_click(folder: Path, name: str, sound_offset_s: float, extra: tuple[str, ...]) -> Path:
    """`sound_offset_s` is where the audio track starts against the video; the click stays with the flash."""
    picture = f"color=black:size=320x180:rate=25:duration={SECONDS},drawbox=c=white:t=fill:enable='eq(n,51)'"
    picture += ",settb=1/1000"  # else a start would be rounded to a whole frame
    click_s = AT_S - sound_offset_s
    sound = f"aevalsrc='if(between(t,{click_s},{click_s}+0.001),0.9,0)':s=48000:d={SECONDS - sound_offset_s}"
    picture_starts, sound_starts = (["-itsoffset", str(max(0.0, s))] for s in (-sound_offset_s, sound_offset_s))
    inputs = [*picture_starts, "-f", "lavfi", "-i", picture, *sound_starts, "-f", "lavfi", "-i", sound]
    encoders = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "30", "-c:a", "aac", "-b:a", "160k"]
    clock = ["-fps_mode", "passthrough", "-enc_time_base:v", "1/1000", "-pix_fmt", "yuv420p"]
    run([ffmpeg(), "-v", "error", *inputs, *encoders, *clock, *extra, str(folder / name)], timeout_s=60)
    return folder / name


def click_s(path: Path) -> float:
    pcm = run([ffmpeg(), "-v", "error", "-i", str(path), "-ac", "1", "-f", "s16le", "-"], timeout_s=60).stdout
    samples = struct.unpack(f"<{len(pcm) // 2}h", pcm)
    return max(range(len(samples)), key=lambda n: abs(samples[n])) / 48_000


def frames(path: Path) -> list[str]:
    """What the signalstats filter says of every frame: its time, its mean luma at the end."""
    measured = "signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-"
    lines = run([ffmpeg(), "-v", "error", "-i", str(path), "-vf", measured, "-f", "null", "-"], timeout_s=60).stdout
    return lines.decode().split("frame:")[1:]


def luma(frame: str) -> float:
    return float(frame.rpartition("=")[2])


def brightness(path: Path) -> list[float]:
    """Mean luma of every frame."""
    return [luma(frame) for frame in frames(path)]


def flash_s(path: Path) -> float:
    brightest = max(frames(path), key=luma)
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
    source = flash_and_click(tmp_path, *SOURCES[name])
    video, audio = make(source, H264)
    video, audio = packaged(tmp_path, "video", video), packaged(tmp_path, "audio", audio)
    at_s = AT_S + lead_s(source)
    assert flash_s(video) == pytest.approx(at_s, abs=1e-6)
    assert click_s(audio) == pytest.approx(at_s, abs=STAMP_S)


@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_a_copy_cut_by_an_edit_list_stays_in_step(suffix: str, make, tmp_path: Path) -> None:
    """Cut within a group of pictures: its beginning stays in the file, is decoded and not shown."""
    plain = flash_and_click(tmp_path, *SOURCES["plain"])
    source = tmp_path / f"cut.{suffix}"
    run([ffmpeg(), "-v", "error", "-ss", "1", "-i", str(plain), "-c", "copy", str(source)], timeout_s=60)
    video, audio = make(source, H264)
    assert len(frames(video)) == 75
    assert flash_s(video) == pytest.approx(AT_S - 1, abs=1e-6)
    assert click_s(audio) == pytest.approx(AT_S - 1, abs=STAMP_S)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_sound_before_the_picture_is_kept_and_the_first_frame_held(suffix: str, make, tmp_path: Path) -> None:
    """A click 0.2 s after the sound's start, a second before the picture's, whose first frame is white."""
    picture = "color=black:size=320x180:rate=25:duration=3,drawbox=c=white:t=fill:enable='eq(n,0)'"
    sound = "aevalsrc='if(between(t,0.2,0.201),0.9,0)':s=48000:d=4"
    inputs = ["-itsoffset", "1", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    source = tmp_path / f"early.{suffix}"
    run([ffmpeg(), "-v", "error", *inputs, "-c:v", "libx264", "-c:a", "aac", str(source)], timeout_s=60)
    video, audio = make(source, H264)
    lead = round(lead_s(source) / FRAME_S)  # in a transport stream the encoder's delay adds a frame
    assert click_s(audio) == pytest.approx(0.2, abs=FRAME_S + STAMP_S)
    assert [level > 128 for level in brightness(video)] == [n <= lead for n in range(lead + 75)]
    assert lead in (25, 26)


def test_sound_is_as_long_as_the_picture(plan_of, mezzanine: Store, work: Store, scratch: Path, tmp_path: Path) -> None:
    for offset in (0.7, -0.4):
        source = flash_and_click(tmp_path, f"{offset}.mkv", offset, ())
        plan = plan_of(source)
        (stream,) = probe(work.fetch(encode_audio(plan, plan.audio[0], mezzanine, work, scratch)), "-show_streams")[
            "streams"
        ]
        assert int(stream["duration_ts"]) == programme_samples(plan) == round((SECONDS + lead_s(source)) * 48_000)
