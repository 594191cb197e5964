"""The declared end of a file, from what ffprobe says, and the picture's packets."""

from typing import Any

import pytest

from marquee.content.media.qc.declared import DeclaredEnds, PicturePackets, ends, seconds
from tests.content.media.qc.test_commands import media, track

MKVMERGE = {"tags": {"encoder": "libebml v1.4.5 + libmatroska v1.7.1"}}
LAVF = {"tags": {"ENCODER": "Lavf63.1.102"}}


def said(container: dict[str, Any], *streams: tuple[int, str, str]) -> dict[str, Any]:
    names = [{"index": n, "start_time": start, "duration": duration} for n, start, duration in streams]
    return {"format": {"start_time": "2", **container}, "streams": names}


@pytest.mark.parametrize(
    ("demuxer", "container", "expected"),
    [
        ("mov", {"duration": "9"}, 11),
        ("mpegts", {"duration": "9"}, 11),
        ("matroska", {"duration": "9", **LAVF}, 9),
        ("matroska", {"duration": "9", **MKVMERGE}, 11),
        ("mov", {"duration": "N/A"}, 8),
    ],
)
def test_the_container_counts_like_a_stream(demuxer: str, container: dict[str, Any], expected: float) -> None:
    info = media().model_copy(update={"demuxer": demuxer, "audio": (track(2),)})
    assert ends(said(container, (3, "2", "6"), (5, "-1", "4")), info).last_s == expected


def test_what_captions_or_data_may_have_lengthened_is_left_out() -> None:
    assert ends(said({"duration": "90"}, (3, "2", "6"), (7, "0", "90")), media()) == DeclaredEnds({3: 8}, None)


def test_nothing_is_declared() -> None:
    assert ends(said({"duration": "N/A"}, (3, "2", "N/A")), media()).last_s is None
    assert ends({}, media()).last_s is None


@pytest.mark.parametrize(
    ("text", "value"), [("1.5", 1.5), ("-0.02", -0.02), ("01:00:02.500000000", 3602.5), ("N/A", None), (None, None)]
)
def test_both_forms_of_a_time_are_read(text: str | None, value: float | None) -> None:
    assert seconds(text) == value


def test_packets_outside_the_edit_list_are_not_shown() -> None:
    packets = PicturePackets()
    for line in ("-0.04,0.04,KD_", "0.0,0.04,___", "0.08,0.5,___,", "0.04,0.04,___", "N/A,N/A,___", "0.58,0.04,_D_"):
        packets.line(line)
    assert packets == PicturePackets(shown=4, last_s=0.08, last_lasts_s=0.5)
