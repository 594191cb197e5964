"""Services of CEA-708 in the picture become tracks in their languages, at their times."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.content.delivery.probe import probe_media
from marquee.content.media import cea708
from marquee.content.media.cues import Cue, read_webvtt
from marquee.content.media.subtitles import convert_subtitles
from marquee.storage import Store
from marquee.tools.closed_captions import Block, Frame, service_blocks
from tests.content.media.captioned import film, packet, service_block

RATE = 30000 / 1001
TWO_FRAMES_MS = 2 * 1000 / RATE
CR, FF, ITALICS, UPRIGHT = b"\x0d", b"\x0c", b"\x90\x05\x80", b"\x90\x05\x00"
FIRST = 1  # bitmap of window 0


def window(number: int, rows: int, *, shown: bool, anchor: tuple[int, int, int] = (0, 60, 42)) -> bytes:
    """Its definition; the anchor is a point of it, and how far down and across that lies."""
    point, down, across = anchor
    return bytes([0x98 + number, 0x18 | 0x20 * shown, down, across, point << 4 | rows - 1, 31, 0x09])


def said(service: int, *parts: bytes) -> list[bytes]:
    """One packet with a block for each part."""
    return packet(b"".join(service_block(service, part) for part in parts))


LONG = b"This caption is so long that it does not fit into one block"
PACKETS = {
    10: said(1, window(0, 2, shown=False) + b"Hello, 708 & all", CR + ITALICS + b"\x7f \x10\x33sung\x10\x34" + UPRIGHT),
    14: said(2, window(0, 1, shown=True, anchor=(7, 70, 105)) + "Voilà".encode("latin-1")),
    20: packet(service_block(3, window(0, 2, shown=True) + b"one") + service_block(63, b"not taken")),
    40: said(1, b"\x89\x01"),  # shown
    50: said(3, CR + b"two"),
    60: said(2, FF + b"d\xe9j\xe0", b" vu"),
    80: said(3, CR + b"three"),
    100: said(1, b"\x8a\x01"),  # hidden
    104: said(1, b"\x8c\xff" + window(3, 2, shown=True), LONG[:31], CR + LONG[32:60]),
    120: packet(service_block(3, b"\x8c\x01") + service_block(1, b"\x8f") + service_block(2, b"\x88\x01")),
}
Cues = list[tuple[str, int, int]]
EXPECTED: dict[str, Cues] = {
    "en-sdh": [
        ("Hello, 708 &amp; all\n<i>♪ “sung”</i>", 40, 100),
        (f"{LONG[:31].decode()}\n{LONG[32:].decode()}", 107, 120),  # its packet lies beside four frames
    ],
    "fr": [("Voilà", 14, 60), ("déjà vu", 60, 120)],
    "es-sdh": [("one\ntwo", 20, 80), ("two\nthree", 80, 120)],
}
CAPTIONS = [{"service": 2, "language": "fr", "kind": "full"}, {"service": 3, "language": "es"}]


@pytest.mark.parametrize(("name", "extra"), [("cc.mp4", ()), ("late.ts", ("-output_ts_offset", "3700"))])
def test_each_service_is_a_track(
    name: str, extra: tuple[str, ...], plan_of: Callable, mezzanine: Store, work: Store, scratch: Path, tmp_path: Path
) -> None:
    made = film(tmp_path, {}, 140, *extra, name=name, packets=PACKETS)
    assert probe_media(made).picture.caption_services == (1, 2, 3)
    plan = plan_of(made, captions=CAPTIONS)
    assert [text.name for text in plan.text] == list(EXPECTED)
    for text in plan.text:
        key = convert_subtitles(plan, text, mezzanine, work, scratch).key
        _, cues = read_webvtt(work.read(key).decode())
        expected = EXPECTED[text.name]
        assert [cue.text for cue in cues] == [words for words, _, _ in expected]
        for cue, (_, begins, ends) in zip(cues, expected, strict=True):
            assert cue.start_ms == pytest.approx(begins * 1000 / RATE, abs=TWO_FRAMES_MS)
            assert cue.end_ms == pytest.approx(ends * 1000 / RATE, abs=TWO_FRAMES_MS)


def test_a_service_without_a_language_is_left_out_and_said(plan_of: Callable, tmp_path: Path) -> None:
    plan = plan_of(film(tmp_path, {}, 140, packets=PACKETS))
    assert [(text.name, text.codec, text.service) for text in plan.text] == [("en-sdh", cea708.CODEC, 1)]
    assert [note.partition(" is left out")[0] for note in plan.notes] == ["caption service 2", "caption service 3"]


def test_the_first_service_stands_before_608_and_others_beside_it(plan_of: Callable, tmp_path: Path) -> None:
    packets = {at: said(2, window(0, 1, shown=True) + b"deux") for at in (10,)}
    plan = plan_of(film(tmp_path, {}, 30, packets=packets), captions=CAPTIONS[:1])
    assert [(text.name, text.codec) for text in plan.text] == [("fr", cea708.CODEC), ("en-sdh", "eia_608")]


def test_services_that_are_named_stand_beside_subtitle_files(plan_of: Callable, tmp_path: Path) -> None:
    made = film(tmp_path, {}, 140, packets=PACKETS)
    (tmp_path / "de.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHallo\n")
    subtitles = {"subtitles": [{"file": "de.srt", "language": "de"}]}
    plan = plan_of(made, tmp_path / "de.srt", captions=CAPTIONS, **subtitles)
    assert [text.name for text in plan.text] == ["fr", "es-sdh", "de"]


def test_services_that_are_named_and_not_there_are_said(make_clip: Callable, plan_of: Callable) -> None:
    plan = plan_of(make_clip(), captions=CAPTIONS)
    assert plan.text == ()
    assert "the picture holds no captions" in plan.notes[-1]


def block(at_s: float, *parts: bytes) -> Block:
    return Block(at_s, 1, b"".join(parts))


def told(*blocks: Block) -> list[Cue]:
    return cea708.cues(blocks, 1, 10)


def test_the_place_is_the_anchors() -> None:
    places = {(0, 0, 0): "line:10% position:10%,line-left align:left",
              (7, 75, 105): "line:90%,end position:50%,center align:center",
              (5, 0x80 | 50, 100): "line:50%,center position:90%,line-right align:right"}  # fmt: skip
    found = {anchor: told(block(1, window(0, 1, shown=True, anchor=anchor), b"x"))[0].settings for anchor in places}
    assert found == places


def test_a_delay_holds_back_what_follows_it() -> None:
    cues = told(block(1, window(0, 1, shown=True), b"now", b"\x8d\x14", FF, b"later"))
    assert [(cue.text, cue.start_ms, cue.end_ms) for cue in cues] == [("now", 1000, 3000), ("later", 3000, 10000)]


def test_the_pen_goes_where_it_is_sent() -> None:
    (cue,) = told(block(1, window(0, 3, shown=True), b"\x92\x02\x04ab\x08c\x92\x00\x00top\x92\x02\x08z"))
    assert cue.text == "top\nac  z"


def test_a_packet_that_is_not_whole_says_nothing() -> None:
    whole = packet(service_block(1, window(0, 1, shown=True) + b"ab"))
    frames = [Frame(0, b"".join(whole[:3])), Frame(1, b"".join(whole)), Frame(2, b"".join(whole[2:]))]
    assert [found.at_s for found in service_blocks(frames)] == [1]
    assert list(service_blocks([Frame(0, b"".join(whole)[:-1])])) == []


def test_no_bytes_stop_the_decoder() -> None:
    rng = random.Random(708)
    blocks = [Block(n / 10, 1, rng.randbytes(rng.randint(0, 31))) for n in range(3000)]
    cues = cea708.cues(blocks, 1, 300)
    assert cues
    assert all(cue.text and cue.start_ms <= cue.end_ms for cue in cues)
