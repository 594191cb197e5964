"""A film of six seconds, encoded once: three codecs, two track types of video, seven sounds, four subtitles."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from marquee.content.drm.keys import new_keys
from marquee.content.media.audio_codecs import encoder_options
from marquee.content.media.package.build import package
from marquee.content.media.package.layout import protected_types
from marquee.contracts.keys import ContentKey, TrackType
from marquee.contracts.plan import (
    AudioCodec,
    AudioRendition,
    Codec,
    DrmScheme,
    EncodePlan,
    Grid,
    Picture,
    Rung,
    TextRendition,
)
from marquee.contracts.release import Thumbnails
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

RATE = Fraction(24000, 1001)
FRAMES, GOP = 144, 48
LENGTH = f"{float(FRAMES / RATE):.6f}"
THUMBNAILS = Thumbnails(
    sheets=("first.jpg", "second.jpg"), columns=2, rows=2, tile_width=80, tile_height=46, interval_s=1
)
NASTY_LABEL = 'English, "described", a=b'
CUES = "WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nHello\n\n00:00:03.000 --> 00:00:05.000\nWorld\n"


def rung(codec: Codec, width: int, height: int) -> Rung:
    return Rung(codec=codec, width=width, height=height, crf=40, maxrate_kbps=2000, preset="fast")


def sound(
    channels: int,
    language: str = "en",
    role: str = "main",
    label: str = "English",
    codec: AudioCodec = AudioCodec.AAC,
) -> AudioRendition:
    return AudioRendition(
        stream=0,
        language=language,
        role=role,
        label=label,
        channels=channels,
        bitrate_kbps=64,
        measured_lufs=None,
        measured_peak_dbtp=None,
        target_lufs=-23,
        target_peak_dbtp=-1,
        codec=codec,
    )


def make_plan(scheme: DrmScheme = DrmScheme.CBCS) -> EncodePlan:
    return EncodePlan(
        mezzanine_key="film.mp4",
        mezzanine_sha256="0" * 64,
        profile="test",
        encoders="test",
        scheme=scheme,
        picture=Picture(
            demuxer="mov",
            stream=0,
            start_s=0,
            frames=FRAMES,
            constant_rate=True,
            width=1280,
            height=720,
            primaries="bt709",
            transfer="bt709",
            matrix="bt709",
            colour_range="tv",
        ),
        grid=Grid(frame_rate=RATE, gop_frames=GOP, gops_per_segment=1, segments_per_chunk=1),
        chunks=(),
        rungs=(
            rung(Codec.H264, 320, 180),
            rung(Codec.H264, 1280, 720),
            rung(Codec.AV1, 320, 180),
            rung(Codec.VP9, 320, 180).model_copy(update={"grade": 2}),
        ),
        audio=(
            sound(2, role="description", label=NASTY_LABEL),
            sound(2),
            sound(6),
            sound(2, "fr", "dub", "Français"),
            sound(6, codec=AudioCodec.EAC3),
            sound(2, codec=AudioCodec.OPUS),
            sound(2, role="dialogue-enhanced", label="English, clear speech"),
        ),
        text=(
            TextRendition(key="en.vtt", language="en", kind="sdh", label="English"),
            TextRendition(key="en.vtt", language="en", kind="full", label="English"),
            TextRendition(key="en.vtt", language="en", kind="forced", label="English"),
            TextRendition(key="fr.vtt", language="fr", kind="full", label="Français"),
        ),
    )


def made_in(plan: EncodePlan, store: Store) -> Callable[[str], Path]:
    """What packaging asks for, from the folder of a plan that `work_for` fills."""
    return lambda name: store.fetch(f"{plan.hash}/{name}")


@dataclass(frozen=True)
class Packaged:
    folder: Path
    plan: EncodePlan
    keys: dict[TrackType, ContentKey]
    thumbnails: Thumbnails = THUMBNAILS

    def read(self, path: str) -> str:
        return (self.folder / path).read_text()

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the first occurrence, which must be there."""
        text = self.read(path)
        assert old in text
        (self.folder / path).write_text(text.replace(old, new, 1))


@pytest.fixture(scope="session")
def plan_of() -> Callable[[DrmScheme], EncodePlan]:
    return make_plan


@pytest.fixture(scope="session")
def thumbnails() -> Thumbnails:
    return THUMBNAILS


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the encode side delivers, without its plan's folder."""
    folder = tmp_path_factory.mktemp("sources")
    for kind in ("video", "audio", "text", "thumbs"):
        (folder / kind).mkdir()
    plan = make_plan()
    for each in plan.rungs:
        _make_video(folder / "video" / f"{each.name}.mp4", each)
    for track in plan.audio:
        _make_audio(folder / "audio" / f"{track.name}.mp4", track)
    for text in plan.text:
        (folder / "text" / f"{text.name}.vtt").write_text(CUES)
    for sheet in THUMBNAILS.sheets:
        _ffmpeg("-i", "testsrc2=size=160x92:rate=1:duration=1", "-frames:v", "1", str(folder / "thumbs" / sheet))
    return folder


def _ffmpeg(*arguments: str) -> None:
    run([ffmpeg(), "-v", "error", "-f", "lavfi", *arguments], timeout_s=120)


def _make_video(path: Path, each: Rung) -> None:
    source = f"testsrc2=size={each.width}x{each.height}:rate={RATE}"
    av1 = ["-c:v", "libsvtav1", "-preset", "12", "-crf", "50", "-svtav1-params", "scd=0"]
    h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-sc_threshold", "0", "-keyint_min", str(GOP)]
    vp9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-keyint_min", str(GOP)]
    grid = ["-g", str(GOP), "-frames:v", str(FRAMES), "-pix_fmt", "yuv420p", "-video_track_timescale", "24000"]
    _ffmpeg("-i", source, *{Codec.H264: h264, Codec.VP9: vp9, Codec.AV1: av1}[each.codec], *grid, str(path))


def _make_audio(path: Path, track: AudioRendition) -> None:
    layout = {2: "stereo|c0=c0|c1=c0", 6: "5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0"}[track.channels]
    coded = [part for name, value in encoder_options(track).items() for part in (f"-{name}", str(value))]
    _ffmpeg("-i", f"sine=duration={LENGTH}:sample_rate=48000,pan={layout}", *coded, "-b:a", "96k", str(path))


@pytest.fixture(scope="session")
def work_for(tmp_path_factory: pytest.TempPathFactory, sources: Path) -> Callable[[EncodePlan], Store]:
    """A work store that holds the sources under the plan's hash."""
    folder = tmp_path_factory.mktemp("work, with=odd signs")

    def fill(plan: EncodePlan) -> Store:
        shutil.copytree(sources, folder / plan.hash, dirs_exist_ok=True)
        return Store(f"file://{folder}")

    return fill


@pytest.fixture(scope="session")
def packaged(
    tmp_path_factory: pytest.TempPathFactory, work_for: Callable[[EncodePlan], Store]
) -> Callable[..., Packaged]:
    """A release packaged under a scheme, with a key for so many segments, once; who changes it makes a copy."""

    @cache
    def make(scheme: DrmScheme, segments_per_key: int = 0) -> Packaged:
        plan = make_plan(scheme).model_copy(update={"segments_per_key": segments_per_key})
        keys = new_keys(protected_types(plan), plan.crypto_periods)
        scratch = tmp_path_factory.mktemp(f"scratch-{scheme.value}")
        inputs = made_in(plan, work_for(plan))
        folder = package(plan, inputs, scratch, keys=keys, thumbnails=THUMBNAILS, default_language="en")
        return Packaged(folder, plan, keys)

    return make


@pytest.fixture
def copy_of(tmp_path: Path, packaged: Callable[..., Packaged]) -> Callable[[DrmScheme], Packaged]:
    """A copy of a packaged release, to be tampered with."""

    def copy(scheme: DrmScheme, *more: int) -> Packaged:
        original = packaged(scheme, *more)
        shutil.copytree(original.folder, tmp_path / "release")
        return Packaged(tmp_path / "release", original.plan, original.keys)

    return copy
