"""Files of one track: taken by their content, refused by the rules of intake."""

from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.content.delivery.intake import take_track
from marquee.contracts.delivery import AudioFile, StoredTrack, SubtitleFile
from marquee.contracts.errors import DeliveryRefused
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

TONE = ("-f", "lavfi", "-i", "sine=duration=0.5:sample_rate=48000")
Take = Callable[[str], StoredTrack]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "track").mkdir()
    return tmp_path / "track"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"file://{tmp_path}/mezzanine")


@pytest.fixture
def take(folder: Path, store: Store) -> Take:
    return lambda name: take_track(folder, AudioFile(file=name, language="de"), store)


def sound(path: Path, *arguments: str, inputs: tuple[str, ...] = TONE) -> Path:
    run([ffmpeg(), "-v", "error", *inputs, *arguments, str(path)], timeout_s=60)
    return path


@pytest.mark.parametrize(
    ("name", "demuxer", "arguments"),
    [
        ("a.wav", "wav", ("-c:a", "pcm_s24le")),
        ("wav-by-content.mp3", "wav", ("-f", "wav")),
        ("rf64.wav", "wav", ("-rf64", "always")),
        ("a.flac", "flac", ()),
        ("a.m4a", "mov", ("-c:a", "aac")),
        ("a.mka", "matroska", ("-c:a", "aac")),
        ("a.ogg", "ogg", ("-c:a", "libopus")),
    ],
)
def test_sound_is_taken_by_its_content(
    take: Take, folder: Path, store: Store, name: str, demuxer: str, arguments: tuple[str, ...]
) -> None:
    path = sound(folder / name, *arguments)
    taken = take(name)
    assert taken.stream is not None
    assert (taken.demuxer, taken.stream.channels, taken.stream.sample_rate) == (demuxer, 1, 48_000)
    assert taken.stream.duration_s == pytest.approx(0.5, abs=0.05)
    assert store.read(taken.stored.key) == path.read_bytes()


@pytest.mark.parametrize(
    ("name", "code", "arguments"),
    [
        ("a.mp3", "audio-file", ("-c:a", "libmp3lame")),
        ("a.ts", "not-media", ("-c:a", "aac")),
        ("two.mka", "not-media", ("-map", "0", "-map", "0", "-c:a", "aac")),
    ],
)
def test_sound_that_has_no_place_of_its_own_is_refused(
    take: Take, folder: Path, store: Store, name: str, code: str, arguments: tuple[str, ...]
) -> None:
    sound(folder / name, *arguments)
    with pytest.raises(DeliveryRefused) as refused:
        take(name)
    assert refused.value.code == code
    assert list(store.keys()) == []


def test_what_is_cut_off_empty_a_link_or_a_playlist_is_refused(take: Take, folder: Path, tmp_path: Path) -> None:
    whole = sound(folder / "whole.wav").read_bytes()
    (folder / "cut.wav").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.wav").touch()
    (folder / "link.wav").symlink_to(folder / "whole.wav")
    (folder / "list.wav").write_text("#EXTM3U\nhttp://127.0.0.1/secret\n")
    codes = {"cut.wav": "truncated", "empty.wav": "empty-file", "link.wav": "symlink", "list.wav": "playlist"}
    for name, code in {**codes, "none.wav": "file-missing"}.items():
        with pytest.raises(DeliveryRefused) as refused:
            take(name)
        assert refused.value.code == code, name


def test_a_picture_beside_the_sound_is_of_no_account(take: Take, folder: Path) -> None:
    film = (*TONE, "-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25:duration=0.5")
    sound(folder / "film.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", inputs=film)
    taken = take("film.mp4")
    assert taken.stream is not None
    assert taken.stream.codec == "aac"


def test_subtitles_are_judged_as_delivered_ones_are(folder: Path, store: Store) -> None:
    (folder / "good.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    (folder / "bad.srt").write_text("no subtitles")
    good = take_track(folder, SubtitleFile(file="good.srt", language="eng", kind="sdh"), store)
    assert (good.track.name, good.stream) == ("subtitles en-sdh", None)
    with pytest.raises(DeliveryRefused) as refused:
        take_track(folder, SubtitleFile(file="bad.srt", language="en"), store)
    assert refused.value.code == "subtitle-invalid"
