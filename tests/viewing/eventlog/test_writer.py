import fcntl
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from marquee.contracts.errors import Unavailable
from marquee.embedded.processes import wait_until
from marquee.viewing.eventlog import segments
from marquee.viewing.eventlog.files import whole_lines, writers
from marquee.viewing.eventlog.reader import unshipped
from marquee.viewing.eventlog.writer import Writer
from tests.viewing.eventlog.conftest import letter, player, stream_id

ROOT = Path(__file__).resolve().parents[3]
SESSION = stream_id(1_790_000_000_000)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    writer = Writer(tmp_path / "log")
    yield writer
    writer.close()


def seqs(log: Path) -> list[int]:
    return [row["seq"] for row in unshipped(log)]


class Disk:
    """Stands before the real writes, which must be lasting ones: counts them and holds them until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.writes, self.free, self._write = 0, threading.Event(), os.write
        monkeypatch.setattr(os, "write", self)

    def __call__(self, file: int, content: bytes) -> int:
        if threading.current_thread().name != "event-log":
            return self._write(file, content)
        assert fcntl.fcntl(file, fcntl.F_GETFL) & os.O_DSYNC
        self.writes += 1
        assert self.free.wait(10)
        return self._write(file, content)


def test_what_is_appended_can_be_read_in_order(writer: Writer, tmp_path: Path) -> None:
    for seq in range(5):
        writer.append(player(SESSION, seq)).result(10)
    assert seqs(tmp_path / "log") == [0, 1, 2, 3, 4]


def test_nothing_is_acknowledged_before_it_is_on_disk_and_all_who_wait_share_a_write(
    writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    first = writer.append(player(SESSION, 0))
    assert wait_until(lambda: disk.writes == 1, 10)
    others = [writer.append(player(SESSION, seq)) for seq in range(1, 50)]
    assert not any(done.done() for done in (first, *others))
    disk.free.set()
    assert not wait_for((first, *others), 10).not_done
    assert disk.writes == 2
    assert seqs(tmp_path / "log") == list(range(50))


def test_one_who_gave_up_waiting_harms_nobody(writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch)
    first = writer.append(player(SESSION, 0))
    assert wait_until(lambda: disk.writes == 1, 10)
    gone, second = writer.append(player(SESSION, 1)), writer.append(player(SESSION, 2))
    gone.cancel()
    disk.free.set()
    assert not wait_for((first, second), 10).not_done
    assert seqs(tmp_path / "log") == [0, 2]


def test_a_disk_that_stands_still_makes_no_endless_queue(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    disk, full = Disk(monkeypatch), b"x" * 999 + b"\n"
    monkeypatch.setattr("marquee.viewing.eventlog.writer.MAX_WAITING", len(full))
    writer.append(full)
    assert wait_until(lambda: disk.writes == 1, 10)
    waiting = writer.append(full)
    with pytest.raises(Unavailable):
        writer.append(b"\n")
    disk.free.set()
    waiting.result(10)
    writer.append(player(SESSION, 3)).result(10)


def test_the_thread_sleeps_until_lines_come_or_the_end(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """However rarely it looks at its segment by itself."""
    monkeypatch.setattr("marquee.viewing.eventlog.writer.LOOK_S", 3600.0)
    passes: list[None] = []
    monkeypatch.setattr(segments.Segments, "rotate_if_due", lambda _: passes.append(None))
    for seq in range(20):
        writer.append(player(SESSION, seq)).result(10)
    writer.close()
    assert len(passes) == 20  # one for each group of lines


def test_a_process_may_end_without_closing_its_writer(tmp_path: Path) -> None:
    program = "import sys, pathlib; from marquee.viewing.eventlog.writer import Writer\n"
    program += "Writer(pathlib.Path(sys.argv[1])).append(b'{}\\n').result(10)"
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "log")], cwd=ROOT, timeout=30, check=True)


def test_segments_end_by_size_by_age_and_with_the_writer(
    writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(count: int) -> bool:
        return wait_until(lambda: len(list((tmp_path / "log").glob("*/*.ndjson"))) == count, 10)

    writer.append(player(SESSION, 0)).result(10)
    assert closed(0)
    monkeypatch.setattr(segments, "MAX_BYTES", 1)
    writer.append(player(SESSION, 1)).result(10)
    assert closed(1)
    monkeypatch.setattr(segments, "MAX_BYTES", 10**9)
    monkeypatch.setattr(segments, "MAX_AGE_S", 0.3)
    writer.append(player(SESSION, 2)).result(10)
    assert closed(2)
    monkeypatch.setattr(segments, "MAX_AGE_S", 3600.0)
    writer.append(player(SESSION, 3)).result(10)
    writer.close()
    assert closed(3)
    assert not list((tmp_path / "log").glob("*/*.open"))
    assert seqs(tmp_path / "log") == [0, 1, 2, 3]
    with pytest.raises(Unavailable):
        writer.append(player(SESSION, 4))


def test_a_live_writer_holds_its_lock_and_an_ended_one_does_not(writer: Writer, tmp_path: Path) -> None:
    writer.append(letter(1)).result(10)
    (folder,) = writers(tmp_path / "log")
    with (folder / "lock").open("rb") as lock:
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        writer.close()
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small file system")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def file_limit(size: int) -> Iterator[None]:
    """No file of this process can grow beyond so many bytes: the write that crosses the border is cut short."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def kept(dones: list[Future[None]]) -> list[int]:
    """The places of those that were acknowledged; the others must have failed as unavailable."""
    assert not wait_for(dones, 10).not_done
    assert {type(error) for done in dones if (error := done.exception())} <= {Unavailable}
    return [n for n, done in enumerate(dones) if not done.exception()]


def test_a_full_disk_refuses_and_keeps_every_acknowledged_line_and_no_other(small_disk: Path) -> None:
    writer = Writer(small_disk / "log")
    stuffing = small_disk / "stuffing"
    stuffing.write_bytes(b"x" * 100_000)
    done = [writer.append(player(SESSION, seq)) for seq in range(2000) if not _pause(seq)]
    acknowledged = kept(done)
    assert 0 < len(acknowledged) < 2000
    assert seqs(small_disk / "log") == acknowledged
    with pytest.raises(Unavailable):
        writer.append(player(SESSION, 0) * 300).result(10)
    stuffing.unlink()
    writer.append(player(SESSION, 2000)).result(10)
    writer.close()
    assert seqs(small_disk / "log") == [*acknowledged, 2000]
    for segment in (small_disk / "log").glob("*/*.ndjson"):
        assert whole_lines(segment) == segment.read_bytes(), "a torn line was left"


def _pause(seq: int) -> None:
    """Now and then others get to write, so that there are many groups."""
    if seq % 50 == 0:
        threading.Event().wait(0.002)


def test_a_disk_full_from_the_start_refuses_until_there_is_room(small_disk: Path) -> None:
    writer = Writer(small_disk / "log")
    stuffing = small_disk / "stuffing"
    with pytest.raises(OSError, match="No space"):
        stuffing.write_bytes(b"x" * 300_000)
    for _ in range(3):
        with pytest.raises(Unavailable):
            writer.append(player(SESSION, 0)).result(10)
    stuffing.unlink()
    writer.append(player(SESSION, 1)).result(10)
    writer.close()
    assert seqs(small_disk / "log") == [1]


def test_a_write_cut_short_leaves_nothing_behind(writer: Writer, tmp_path: Path) -> None:
    writer.append(player(SESSION, 0)).result(10)
    (segment,) = (tmp_path / "log").glob("*/*.open")
    before = segment.read_bytes()
    with file_limit(len(before) + 1_000_000), pytest.raises(Unavailable):
        writer.append(b"".join(player(SESSION, seq) for seq in range(1, 5000))).result(10)
    assert segment.read_bytes() == before
    writer.append(player(SESSION, 1)).result(10)
    assert seqs(tmp_path / "log") == [0, 1]


APPENDING = """
import sys
from pathlib import Path
from itertools import count
from marquee.viewing.eventlog.writer import Writer
writer = Writer(Path(sys.argv[1]))
for seq in count():
    writer.append(b'{"table":"dead_letters","received_ms":%d,"body":"%s"}\\n' % (seq, b"x" * (seq % 3000))).result()
    print(seq, flush=True)
"""


def test_processes_side_by_side_killed_at_any_moment_lose_nothing(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", APPENDING, str(tmp_path / "log")]
    running = [subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    acknowledged: list[int] = []
    for n, process in enumerate(running):
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(100 * (n + 1))]
        process.send_signal(signal.SIGKILL)
        acknowledged.append(int((lines + process.stdout.readlines())[-1]))
        process.wait()
    assert len(writers(tmp_path / "log")) == 3
    told = [row["received_ms"] for row in unshipped(tmp_path / "log")]
    starts = [n for n, number in enumerate(told) if number == 0] + [len(told)]
    runs = [told[start:end] for start, end in pairwise(starts)]  # one writer after the other
    assert all(run == list(range(len(run))) for run in runs)
    assert all(len(run) > last for run, last in zip(sorted(runs, key=len), sorted(acknowledged), strict=True))
