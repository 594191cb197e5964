"""Segments of one writer, step by step: names, the moments at which they end, and what a failure leaves."""

import os
from pathlib import Path

import pytest

from marquee.viewing.eventlog import segments
from marquee.viewing.eventlog.segments import Segments
from tests.viewing.eventlog.conftest import open_files


class Clock:
    """A monotonic clock that moves when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(segments.time, "monotonic", clock)
    return clock


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were brought to the disk, in order."""
    found: list[Path] = []
    monkeypatch.setattr(segments, "sync", found.append)
    return found


@pytest.fixture
def written(tmp_path: Path) -> Segments:
    return Segments(tmp_path / "log")


def names(tmp_path: Path) -> list[str]:
    """The files of all writers but their locks."""
    return sorted(path.name for path in (tmp_path / "log").glob("*/0*"))


def folder(tmp_path: Path) -> Path:
    (found,) = (tmp_path / "log").iterdir()
    return found


def test_a_segment_is_pending_from_its_first_line_to_its_end(written: Segments, tmp_path: Path) -> None:
    assert not written.pending
    written.rotate()  # without a folder there is nothing to close
    assert not (tmp_path / "log").exists()
    written.write(b"one\n")
    assert written.pending
    written.rotate()
    assert not written.pending
    written.rotate()
    assert names(tmp_path) == [f"000001{segments.CLOSED}"]


def test_the_log_is_for_its_owner_and_group(written: Segments, tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        written.write(b"line\n")
    finally:
        os.umask(umask)
    assert {path.stat().st_mode & 0o777 for path in folder(tmp_path).iterdir()} == {0o640}


def test_an_open_segment_without_lines_is_not_pending(
    written: Segments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(segments, "_write_all", _refuses)
        with pytest.raises(OSError, match="refused"):
            written.write(b"lost\n")
    assert not written.pending
    written.rotate()
    assert names(tmp_path) == [f"000001{segments.OPEN}"]
    written.write(b"kept\n")
    assert written.pending
    written.rotate()
    assert (folder(tmp_path) / f"000001{segments.CLOSED}").read_bytes() == b"kept\n"


def test_an_open_segment_without_lines_is_let_go_in_the_end(written: Segments, monkeypatch: pytest.MonkeyPatch) -> None:
    before = open_files()
    monkeypatch.setattr(segments, "_write_all", _refuses)
    with pytest.raises(OSError, match="refused"):
        written.write(b"lost\n")
    written.close()
    assert open_files() == before


@pytest.mark.parametrize("more", [b"", b"third\n"])
def test_a_line_cut_short_is_taken_off_before_the_next_and_before_the_end(
    written: Segments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: bytes
) -> None:
    def half(file: int, content: bytes) -> None:
        os.write(file, content[:3])
        raise OSError("no space")

    synced: list[int] = []
    written.write(b"first\n")
    with monkeypatch.context() as patch:
        patch.setattr(segments, "_write_all", half)
        patch.setattr(segments.os, "ftruncate", _refuses)  # nor can it be taken off at once
        with pytest.raises(OSError, match="no space"):
            written.write(b"second\n")
    with monkeypatch.context() as patch:
        patch.setattr(segments.os, "fdatasync", synced.append)
        if more:
            written.write(more)
        written.rotate()
    assert (folder(tmp_path) / f"000001{segments.CLOSED}").read_bytes() == b"first\n" + more
    assert len(synced) == 1  # the cut is on the disk before anything else


def _refuses(*_: object) -> None:
    raise OSError("refused")


def test_names_count_up_and_every_folder_that_changed_reaches_the_disk(
    written: Segments, tmp_path: Path, synced: list[Path]
) -> None:
    for _ in range(2):
        written.write(b"line\n")
        written.rotate()
    own = folder(tmp_path)
    assert names(tmp_path) == [f"000001{segments.CLOSED}", f"000002{segments.CLOSED}"]
    # the writer's folder appears; then each segment appears and ends
    assert synced == [tmp_path / "log", own, own, own, own]


def test_a_segment_ends_at_thirty_seconds_and_is_looked_at_ten_times_a_second(written: Segments, clock: Clock) -> None:
    written.write(b"line\n")
    written.rotate_if_due()  # looks; the next look is in 0.1 s
    clock.now += 29.95
    written.rotate_if_due()
    assert written.pending
    clock.now += 0.06  # old enough, but not looked at yet
    written.rotate_if_due()
    assert written.pending
    clock.now = 1000.0 + 29.95 + 0.1
    written.rotate_if_due()
    assert not written.pending


def test_the_age_counts_from_the_first_line(written: Segments, clock: Clock) -> None:
    written.write(b"line\n")
    clock.now += 20
    written.write(b"line\n")
    clock.now += 10
    written.rotate_if_due()
    assert not written.pending
    written.write(b"line\n")
    clock.now += 29
    written.rotate_if_due()
    assert written.pending


def test_a_segment_ends_at_sixteen_mebibytes_without_a_look(written: Segments, clock: Clock) -> None:
    written.rotate_if_due()
    assert segments.MAX_BYTES == 16 * 1024 * 1024
    written.write(b"x" * (16 * 1024 * 1024 - 1))
    written.rotate_if_due()
    assert written.pending
    written.write(b"\n")
    written.rotate_if_due()
    assert not written.pending


def test_a_segment_ends_when_it_is_asked_for_and_once_for_each_time(
    written: Segments, clock: Clock, tmp_path: Path
) -> None:
    written.write(b"line\n")
    clock.now += 1
    written.rotate_if_due()
    assert written.pending
    os.utime(folder(tmp_path) / segments.LOCK, ns=(1, 1))
    clock.now += 1
    written.rotate_if_due()
    assert not written.pending
    written.write(b"line\n")
    clock.now += 1
    written.rotate_if_due()
    assert written.pending


def test_nothing_stays_open_after_the_end(written: Segments, tmp_path: Path) -> None:
    before = open_files()
    for _ in range(3):
        written.write(b"line\n")
        written.rotate()
    written.write(b"line\n")
    written.close()
    assert open_files() == before
    assert not written.pending
    written.close()
    written.write(b"again\n")  # in a folder of its own
    assert len(list((tmp_path / "log").iterdir())) == 2
    written.close()
    assert open_files() == before


@pytest.mark.parametrize("nth", [1, 2])
def test_a_folder_that_cannot_be_brought_to_the_disk_leaves_nothing(
    written: Segments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    """The first is the log's own folder, the second the writer's."""
    before, calls = open_files(), []

    def fails(path: Path) -> None:
        calls.append(path)
        if len(calls) == nth:
            raise OSError("gone")

    monkeypatch.setattr(segments, "sync", fails)
    with pytest.raises(OSError, match="gone"):
        written.write(b"line\n")
    assert not written.pending
    assert not [path for path in (tmp_path / "log").iterdir() if path.name.startswith(".")]
    written.write(b"line\n")
    assert names(tmp_path)[-1] == f"00000{nth}{segments.OPEN}"
    written.close()
    assert open_files() == before


def test_a_folder_that_cannot_be_locked_is_taken_away(
    written: Segments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = open_files()
    with monkeypatch.context() as patch:
        patch.setattr(segments.fcntl, "flock", _refuses)
        with pytest.raises(OSError, match="refused"):
            written.write(b"line\n")
    assert list((tmp_path / "log").iterdir()) == []
    assert open_files() == before
