"""Uploads: the same bytes however they come, and nothing in the inbox before all of it is there."""

import base64
import errno
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from marquee.content.pipeline import arrivals, uploads
from marquee.content.pipeline.uploads import Announced, UploadState
from marquee.contracts.delivery import SubtitleFile
from marquee.contracts.errors import Conflict, DeliveryRefused, InvalidInput, MarqueeError, NotFound
from marquee.settings import settings

SIDECAR = {"title": "A film", "year": "2001", "media": "film.mkv"}
FILM = random.Random(1).randbytes(300_000)
SRT = b"1\n00:00:00,000 --> 00:00:01,000\nHello\n"
TRACK = {"subtitles": [{"file": "film.srt", "language": "en"}]}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MARQUEE_DELIVERY_SETTLE_S", "0")
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()


def announce(content: bytes = FILM, **more: Any) -> UploadState:
    files = (Announced(name="film.mkv", size=len(content)),)
    if "subtitles" in more:
        files += (Announced(name="film.srt", size=len(SRT)),)
    return uploads.announce({**SIDECAR, **more}, files, actor="ops")


def send(
    upload: UploadState, content: bytes, at: int, *, number: int = 0, checksum: str = "", whole: bool = True
) -> int:
    piece = uploads.piece(upload.id, number, at, checksum)
    try:
        piece.write(content)
        if whole:
            piece.confirm()
    finally:
        length = piece.close()
    uploads.hand_in(upload.id)
    return length


def sha256(content: bytes) -> str:
    return f"sha256 {base64.b64encode(hashlib.sha256(content).digest()).decode()}"


def ready() -> list[str]:
    return [slug for slug, _ in arrivals.ready()]


@pytest.mark.parametrize("seed", range(8))
def test_any_pieces_and_any_interruptions_give_the_same_bytes_and_no_half_is_ever_seen(seed: int) -> None:
    chance = random.Random(seed)
    upload = announce(**TRACK)
    contents = {0: FILM, 1: SRT}
    while True:
        lengths = {f.number: f.received for f in uploads.state(upload.id).files}
        short = [number for number, at in lengths.items() if at < len(contents[number])]
        if not short:
            break
        assert ready() == []
        number = chance.choice(short)
        at = lengths[number]
        piece = contents[number][at : at + chance.choice([1, 7, 1000, 65_536, 200_000])]
        checked, cut = chance.random() < 0.5, chance.random() < 0.3
        arrived = piece[: chance.randrange(len(piece) + 1)] if cut else piece
        length = send(upload, arrived, at, number=number, checksum=sha256(piece) if checked else "", whole=not cut)
        assert length == at + (0 if cut and checked else len(arrived))
    assert ready() == ["a-film"]
    folder = settings().inbox / "a-film"
    assert (folder / "film.mkv").read_bytes() == FILM
    assert (folder / "film.srt").read_bytes() == SRT
    found = uploads.state(upload.id)
    assert found.delivered
    assert [f.sha256 for f in found.files] == [hashlib.sha256(content).hexdigest() for content in (FILM, SRT)]


KILLED = """
import sys
from marquee.content.pipeline import uploads
piece = uploads.piece(int(sys.argv[1]), 0, 0)
piece.write(bytes.fromhex(sys.argv[2]))
print("written", flush=True)
sys.stdin.read()
"""


def test_a_server_killed_in_the_middle_of_a_piece_goes_on_where_it_was() -> None:
    upload = announce()
    argv = [sys.executable, "-c", KILLED, str(upload.id), FILM[:5000].hex()]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout
        assert server.stdout.readline() == b"written\n"
        with pytest.raises(Conflict, match="another request") as held:
            send(upload, b"x", 5000)
        assert held.value.status == 423
        server.send_signal(signal.SIGKILL)
    assert uploads.file_state(upload.id, 0).received == 5000
    send(upload, FILM[5000:], 5000)
    assert (settings().inbox / "a-film" / "film.mkv").read_bytes() == FILM


def test_a_piece_at_another_place_or_beyond_the_end_or_damaged_changes_nothing() -> None:
    upload = announce()
    send(upload, FILM[:1000], 0)
    for content, at, checksum, status in (
        (b"x", 0, "", 409),
        (b"x", 2000, "", 409),
        (FILM, 1000, "", 413),
        (b"damaged", 1000, sha256(b"whole"), 460),
        (b"x", 1000, "md5 AAAA", 422),
        (b"x", 1000, "sha256 !", 422),
    ):
        with pytest.raises(MarqueeError) as refused:
            send(upload, content, at, checksum=checksum)
        assert refused.value.status == status
        assert uploads.file_state(upload.id, 0).received == 1000


def test_a_full_disk_keeps_what_fits_and_goes_on_when_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    upload = announce()
    write = os.pwrite

    def full(file: int, content: bytes, at: int) -> int:
        if at >= 4096:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, content[: 4096 - at], at)

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(MarqueeError) as refused:
            send(upload, FILM, 0)
        assert refused.value.status == 507
    assert uploads.file_state(upload.id, 0).received == 4096
    send(upload, FILM[4096:], 4096)
    assert ready() == ["a-film"]


def test_what_has_no_room_is_refused_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "RESERVE", 1 << 62)
    with pytest.raises(MarqueeError) as refused:
        announce()
    assert refused.value.status == 507


@pytest.mark.parametrize(
    ("sidecar", "names"),
    [
        ({"media": "../film.mkv"}, ["film.mkv"]),
        ({"media": "/etc/passwd"}, ["film.mkv"]),
        ({"media": ".done"}, ["film.mkv"]),
        ({"year": "soon"}, ["film.mkv"]),
        ({"unknown": "field"}, ["film.mkv"]),
        ({"slug": "another"}, ["film.mkv"]),
        ({}, []),
        ({}, ["film.mkv", "more.mkv"]),
        ({}, ["film.mkv", "film.mkv"]),
        ({"media": "title.yaml"}, ["title.yaml"]),
        (TRACK, ["film.mkv"]),
    ],
)
def test_what_intake_would_refuse_is_refused_before_any_byte(sidecar: dict[str, Any], names: list[str]) -> None:
    files = tuple(Announced(name=name, size=10) for name in names)
    with pytest.raises((DeliveryRefused, InvalidInput)):
        uploads.announce({**SIDECAR, **sidecar}, files, slug="a-film", actor="ops")
    assert uploads.listed() == []
    assert not list(settings().inbox.glob(".uploads/*"))
    assert not list(settings().inbox.glob(".uploads/.*"))


@pytest.mark.parametrize("slug", ["../a", "A", "a/b", ".", "a--b", "ä"])
def test_a_slug_is_no_path(slug: str) -> None:
    with pytest.raises(InvalidInput):
        uploads.announce(SIDECAR, (Announced(name="film.mkv", size=1),), slug=slug, actor="ops")


def test_sizes_and_counts_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_MAX_SOURCE_BYTES", str(len(FILM)))
    settings.cache_clear()
    with pytest.raises(InvalidInput, match="too large"):
        announce(FILM + b"x")
    many = tuple(Announced(name=f"{n}.srt", size=1) for n in range(101))
    with pytest.raises(InvalidInput, match="too many"):
        uploads.announce(SIDECAR, many, actor="ops")
    monkeypatch.setattr(uploads, "MAX_OPEN", 1)
    announce()
    with pytest.raises(Conflict, match="too many"):
        uploads.announce({**SIDECAR, "title": "b"}, (Announced(name="film.mkv", size=1),), actor="ops")


def test_a_link_in_the_place_of_a_file_is_not_written_through(tmp_path: Path) -> None:
    upload = announce()
    outside = tmp_path / "outside"
    outside.touch()
    (path,) = (settings().inbox / ".uploads" / str(upload.id) / "a-film").glob("film.mkv")
    path.unlink()
    path.symlink_to(outside)
    with pytest.raises(NotFound):
        send(upload, FILM, 0)
    assert outside.read_bytes() == b""


def test_a_whole_upload_waits_for_its_name_and_then_follows() -> None:
    upload = announce()
    waiting = settings().inbox / "a-film"
    waiting.mkdir()
    (waiting / "title.yaml").touch()
    send(upload, FILM, 0)
    assert "follows" in uploads.state(upload.id).problem
    (waiting / "title.yaml").unlink()
    waiting.rmdir()
    assert not uploads.state(upload.id).delivered  # looking at it changes nothing
    assert uploads.tidy() == 0
    assert ready() == ["a-film"]
    with pytest.raises(Conflict):
        announce()


def test_two_of_one_name_are_not_begun() -> None:
    announce()
    with pytest.raises(Conflict, match="open"):
        announce()


def test_what_lies_too_long_is_deleted_and_what_still_grows_is_not() -> None:
    old, young = (
        announce(),
        uploads.announce({**SIDECAR, "title": "b"}, (Announced(name="film.mkv", size=5),), actor="x"),
    )
    past = time.time() - 8 * 86_400
    for upload in (old, young):
        for path in (settings().inbox / ".uploads" / str(upload.id)).rglob("*"):
            os.utime(path, (past, past))
    send(young, b"abc", 0)
    assert uploads.tidy() == 1
    assert [each.id for each in uploads.listed()] == [young.id]
    uploads.discard(young.id)
    for call in (uploads.state, uploads.discard, uploads.hand_in):
        with pytest.raises(NotFound):
            call(young.id)


def test_a_track_waits_for_a_person_and_never_enters_the_inbox() -> None:
    track = SubtitleFile(file="film.srt", language="en")
    upload = uploads.announce_track("a-film", "A film", track, len(SRT), actor="ops")
    send(upload, SRT[:5], 0)
    with pytest.raises(Conflict, match="missing"), uploads.whole_track(upload.id):
        pass
    send(upload, SRT[5:], 5)
    assert uploads.tidy() == 0
    assert ready() == []
    assert [each.id for each in uploads.tracks_of("a-film")] == [upload.id]
    with pytest.raises(Conflict, match="open"):
        announce()
    with pytest.raises(ZeroDivisionError), uploads.whole_track(upload.id):  # what it is for fails: it is still there
        raise ZeroDivisionError
    with uploads.whole_track(upload.id) as (taken, folder):
        assert taken == track
        assert (folder / "film.srt").read_bytes() == SRT
        with pytest.raises(Conflict), uploads.whole_track(upload.id):
            pass
    assert uploads.state(upload.id).delivered
    assert uploads.tracks_of("a-film") == []
    with pytest.raises(Conflict, match="put in"), uploads.whole_track(upload.id):
        pass


def test_a_track_is_announced_within_limits_and_not_beside_a_waiting_delivery() -> None:
    track = SubtitleFile(file="film.srt", language="en")
    with pytest.raises(InvalidInput, match="too large"):
        uploads.announce_track("a-film", "A film", track, 5 * 1024**2, actor="ops")
    send(announce(), FILM, 0)
    with pytest.raises(Conflict, match="inbox"):
        uploads.announce_track("a-film", "A film", track, len(SRT), actor="ops")
    delivery = uploads.announce({**SIDECAR, "title": "b"}, (Announced(name="film.mkv", size=5),), actor="x")
    with pytest.raises(Conflict, match="inbox"), uploads.whole_track(delivery.id):
        pass


@pytest.mark.parametrize("again", range(5))
def test_files_that_end_at_the_same_moment_are_handed_in_once(again: int) -> None:
    upload = announce(**TRACK)
    together = Barrier(2)

    def last(number: int, content: bytes) -> None:
        send(upload, content[:-1], 0, number=number)
        together.wait(10)
        send(upload, content[-1:], len(content) - 1, number=number)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(last, 0, FILM), pool.submit(last, 1, SRT)]:
            done.result()
    uploads.tidy()
    assert ready() == ["a-film"]
    assert uploads.state(upload.id).delivered
    assert sorted(p.name for p in (settings().inbox / "a-film").iterdir()) == [
        ".done",
        "film.mkv",
        "film.srt",
        "title.yaml",
    ]
