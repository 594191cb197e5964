from fractions import Fraction
from pathlib import Path

import pytest

from marquee.content.media.qc import commands
from marquee.contracts.media import AudioStream, MediaInfo, VideoStream


def media(**video: object) -> MediaInfo:
    stream = {"index": 3, "codec": "h264", "width": 720, "height": 576, "frame_rate": Fraction(25)}
    stream |= {"base_rate": Fraction(25), "frames": 250, "start_s": 1.4, "duration_s": 10, "pixel_format": "yuv420p"}
    return MediaInfo(
        sha256="0" * 64,
        size=1,
        demuxer="mpegts",
        duration_s=10,
        video=(VideoStream.model_validate(stream | video),),
        audio=(),
        text=(),
    )


def track(channels: int) -> AudioStream:
    return AudioStream(
        index=5, codec="aac", channels=channels, layout="x", sample_rate=48000, start_s=1.4, duration_s=10
    )


@pytest.mark.parametrize("hostile", ["-i.mp4", "http:example.mp4", "concat:a|b.mp4", "a b.mp4"])
def test_no_name_is_taken_for_an_option_or_an_address(hostile: str) -> None:
    path = Path("/films") / hostile
    for argv in (
        commands.picture_scan(path, media(), Path("/cells")),
        commands.sound_scan(path, media(), track(2)),
        commands.grab(path, media(), 2.0),
    ):
        assert argv.count("-i") == 1
        before, name = argv[: argv.index("-i")], argv[argv.index("-i") + 1]
        assert name == f"file:/films/{hostile}"
        assert before[before.index("-f") + 1] == "mpegts"
        assert before[before.index("-protocol_whitelist") + 1] == "file,pipe"


def test_streams_are_taken_by_their_index_in_the_file() -> None:
    assert "[0:3]idet" in " ".join(commands.picture_scan(Path("a"), media(), Path("/cells")))
    assert "[0:5]ebur128" in " ".join(commands.sound_scan(Path("a"), media(), track(6)))


@pytest.mark.parametrize(("channels", "metered"), [(1, False), (2, True), (6, False)])
def test_the_phase_meter_never_changes_a_layout(channels: int, metered: bool) -> None:
    assert ("aphasemeter" in " ".join(commands.sound_scan(Path("a"), media(), track(channels)))) is metered


@pytest.mark.parametrize(
    ("video", "size"),
    [
        ({"sample_aspect": Fraction(64, 45)}, "h=270:out_range=full:w=480"),
        ({"width": 1080, "height": 1920}, "h=480:out_range=full:w=270"),
        ({"width": 100, "height": 60, "rotation": 90}, "h=100:out_range=full:w=60"),
    ],
)
def test_a_grab_has_square_pixels_and_is_never_enlarged(video: dict[str, object], size: str) -> None:
    argv = commands.grab(Path("a"), media(**video), 2.0)
    assert size in " ".join(argv)


def test_a_grab_seeks_ahead_where_there_is_no_index() -> None:
    for demuxer, seek, trim in (("mov", "31.400000", "start=0.0"), ("mpegts", "21.400000", "start=10.0")):
        argv = commands.grab(Path("a"), media().model_copy(update={"demuxer": demuxer}), 30.0)
        assert argv[argv.index("-ss") + 1] == seek
        assert trim in " ".join(argv)
