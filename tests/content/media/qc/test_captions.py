from pathlib import Path

import pytest

from marquee.content.media.qc.captions import CaptionFile
from marquee.content.media.qc.captions import captions as read
from marquee.contracts.qc import Measures

CLEAN = b"1\n00:00:01,000 --> 00:00:03,000\nGood morning\n\n2\n00:00:03,000 --> 00:00:05,000\nand good night\n"


def captions(name: str, file: CaptionFile, end_s: float) -> Measures:
    return read(name, file, end_s).row


def test_clean_captions() -> None:
    row = captions("en.srt", CaptionFile(CLEAN), 10.0)
    expected = {"cues": 2, "past_end_s": 0, "overlaps": 0, "empty": 0, "characters_per_s": 7, "undecodable": 0}
    assert {key: row[key] for key in expected} == expected


def test_each_fault_is_measured_where_it_is() -> None:
    faults = CLEAN + (
        b"\n3\n00:00:04,500 --> 00:00:05,500\n<i>Tom &amp; Jerry run as fast as they ever can</i>\n"
        b"\n4\n00:00:08,000 --> 00:00:12,000\n\n"
    )
    found = read("en.srt", CaptionFile(faults), 10.0)
    row, places = found.row, {each.check: (each.start_s, each.end_s) for each in found.intervals("captions0")}
    assert (row["overlaps"], places["overlap"]) == (1, (4.5, 5.0))
    assert (row["empty"], places["empty"]) == (1, (8.0, 12.0))
    assert (places["past_end"], places["quick"]) == ((8.0, 12.0), (4.5, 5.5))
    assert row["past_end_s"] == pytest.approx(2.0)
    assert (row["characters_per_s"], row["fastest_s"]) == (len("Tom & Jerry run as fast as they ever can"), 4.5)


@pytest.mark.parametrize("content", [b"<tt><p begin=", b"\x89PNG nothing of the sort"])
def test_what_is_no_subtitle_file_is_undecodable(content: bytes) -> None:
    assert captions("en.ttml", CaptionFile(content), 10.0)["undecodable"] == 1


def test_real_captions(shared_media: Path) -> None:
    row = captions("eng.srt", CaptionFile((shared_media / "popeye-1080.eng.srt").read_bytes()), 63.5)
    assert row["undecodable"] == 0
    assert row["cues"]
    assert row["past_end_s"] == 0


def test_an_old_encoding_is_named_with_lines_that_show_it() -> None:
    russian = CLEAN.decode().replace("and good night", "Где ты был вчера?").encode("cp1251")
    row = captions("ru.srt", CaptionFile(russian, "ru"), 10.0)
    assert (row["guessed"], row["encoding"], row["sample"]) == (1, "cp1251", "Где ты был вчера?")
    stated = captions("ru.srt", CaptionFile(russian, "ru", "windows-1251"), 10.0)
    assert (stated["guessed"], stated["sample"]) == (0, "Где ты был вчера?")
