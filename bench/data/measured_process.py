"""Runs a program and measures the processor time and memory of all its processes."""

import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from marquee.contracts.errors import ToolFailed

EVERY_S = 0.25
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Run:
    """Wall and processor seconds, the most memory that was resident at once (bytes), lines of standard error."""

    wall_s: float = 0
    cpu_s: float = 0
    peak_bytes: int = 0
    lines: list[tuple[float, str]] = field(default_factory=list)  # with the seconds since the start

    def at(self, text: str) -> float:
        """Seconds after the start at which a line with this text came first."""
        return next(second for second, line in self.lines if text in line)


def run(argv: Sequence[str], environment: Mapping[str, str]) -> Run:
    """Run it. Raises ToolFailed with its last lines when it fails."""
    done, began = Run(), time.monotonic()
    process = subprocess.Popen(argv, env=dict(environment), stderr=subprocess.PIPE, text=True)
    ticks: dict[int, float] = {}
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, done, ticks, over))
    watcher.start()
    assert process.stderr is not None
    for line in process.stderr:
        done.lines.append((time.monotonic() - began, line.rstrip()))
    code = process.wait()
    done.wall_s = time.monotonic() - began
    over.set()
    watcher.join()
    done.cpu_s = sum(ticks.values())
    if code:
        said = "\n".join(line for _, line in done.lines[-20:])
        raise ToolFailed(f"the program failed: {said}", where=" ".join(argv), expected="exit status 0", got=str(code))
    return done


def _watch(root: int, done: Run, ticks: dict[int, float], over: threading.Event) -> None:
    page = resource.getpagesize()
    while not over.is_set():
        resident = 0
        for pid in _family(root):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            ticks[pid] = (int(fields[11]) + int(fields[12])) / TICKS
            resident += int(fields[21]) * page
        done.peak_bytes = max(done.peak_bytes, resident)
        over.wait(EVERY_S)


def _family(root: int) -> list[int]:
    """A process and all that it started, and they."""
    found = [root]
    for pid in found:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                found += [int(child) for child in children.read_text().split()]
            except OSError:
                continue
    return found
