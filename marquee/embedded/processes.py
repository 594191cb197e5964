"""Finds processes in Linux's /proc: those of the stack, those that hold a port; ends what is left over.

Process numbers are reused, so a process is known by its number and its start together.
"""

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

MARK = "MARQUEE_STACK"
GENTLE_S = 5.0


@dataclass(frozen=True)
class Process:
    """One living process. `started` is in clock ticks since boot."""

    pid: int
    parent: int
    group: int
    session: int
    started: int


@dataclass(frozen=True)
class Leader:
    """The first process of a session or group, as written down to be recognised later, even after its death."""

    pid: int
    started: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> "Leader | None":
        process = read(pid)
        return cls(pid, process.started, _boot()) if process else None

    def dict(self) -> "dict[str, int | str]":
        return asdict(self)

    def may_have_members(self) -> bool:
        """False when the machine or the number has had another life since: then nothing of it can be left."""
        now = read(self.pid)
        return self.boot == _boot() and (now is None or now.started == self.started)


def read(pid: int) -> Process | None:
    """The process of this number; None when there is none, or only its zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, *numbers = stat.rpartition(")")[2].split()  # the name before may hold anything
    parent, group, session = map(int, numbers[:3])
    return None if state in "ZX" else Process(pid, parent, group, session, int(numbers[18]))


def everything() -> list[Process]:
    found = (read(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [process for process in found if process]


def of_group(leader: Leader) -> set[int]:
    """What lives in the process group that this leader began."""
    return {p.pid for p in everything() if p.group == leader.pid} if leader.may_have_members() else set()


def of_stack(mark: str, leader: Leader | None) -> set[int]:
    """What belongs to the stack: the leader's session, whatever bears the mark in its environment, and their children.

    nginx and PostgreSQL write over their environment, so they are known by their session; what a task has put into a
    session of its own is known by the mark.
    """
    processes = everything()
    session = leader.pid if leader and leader.may_have_members() else -1
    found = {p.pid for p in processes if p.session == session or _marked(p.pid, mark)}
    while more := {p.pid for p in processes if p.parent in found} - found:
        found |= more
    return found - {os.getpid()}


def end(find: Callable[[], Iterable[int]], *, patience_s: float = GENTLE_S) -> int:
    """End all that `find` finds: asked first, if there is patience, then killed. Returns how many there were."""
    pids = set(find())
    if patience_s:
        _signal(pids, signal.SIGINT)  # on which PostgreSQL closes its files
    if not wait_until(lambda: not set(find()), patience_s):
        _signal(find(), signal.SIGKILL)
        wait_until(lambda: not set(find()), GENTLE_S)
    return len(pids)


def wait_until(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether it came to hold within the time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def holder(port: int) -> str:
    """Who listens on a TCP port, for people: `nginx (pid 12)`; empty when it cannot be seen."""
    sockets = {f"socket:[{inode}]" for table in ("tcp", "tcp6") for inode in _listening(table, port)}
    for process in everything():
        with suppress(OSError):
            if any(_link(fd) in sockets for fd in Path(f"/proc/{process.pid}/fd").iterdir()):
                return f"{Path(f'/proc/{process.pid}/comm').read_text().strip()} (pid {process.pid})"
    return ""


def _listening(table: str, port: int) -> list[str]:
    """Inodes of the listening sockets of a port; the columns are those of proc(5)."""
    with suppress(OSError):
        rows = [line.split() for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
        return [row[9] for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port]
    return []


def _link(path: Path) -> str:
    with suppress(OSError):
        return str(path.readlink())
    return ""


def _marked(pid: int, mark: str) -> bool:
    with suppress(OSError):
        return f"{MARK}={mark}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return False


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
