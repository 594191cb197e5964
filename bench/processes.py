"""Processor time, memory and open files of processes and their children, from proc(5)."""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def seconds(leaders: Mapping[int, str]) -> dict[str, float]:
    """Processor seconds so far by the names of leaders, which are given by pid: theirs, those of the processes below
    them, and those of children that have ended."""
    found: dict[str, float] = defaultdict(float)
    for _, leader, fields in _below(leaders):
        found[leader] += sum(map(int, fields[11:15])) / TICKS
    return found


def busy() -> float:
    """Processor seconds so far of all processes of the machine and of the kernel for them."""
    user, nice, system, _, _, hard, soft = map(int, Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + hard + soft) / TICKS


@dataclass
class Held:
    """What processes hold: memory as proportional set size in MiB, open files, and how many processes they are."""

    mib: float = 0
    files: int = 0
    processes: int = 0


def held(leaders: Mapping[int, str]) -> dict[str, Held]:
    """What leaders and all processes below them hold now, by the leaders' names."""
    found: dict[str, Held] = defaultdict(Held)
    for pid, leader, _ in _below(leaders):
        folder = Path("/proc", str(pid))
        try:
            kib = int((folder / "smaps_rollup").read_text().partition("\nPss:")[2].split()[0])
            files = len(list((folder / "fd").iterdir()))
        except (OSError, IndexError):  # it has ended
            continue
        each = found[leader]
        each.mib, each.files, each.processes = each.mib + kib / 1024, each.files + files, each.processes + 1
    return found


def _below(leaders: Mapping[int, str]) -> Iterator[tuple[int, str, list[str]]]:
    """Pid, leader and the fields of `stat` from the third on, of all processes at or below a leader."""
    fields = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
    parents = {pid: int(each[1]) for pid, each in fields.items()}
    for pid, each in fields.items():
        if leader := _leader(pid, parents, leaders):
            yield pid, leader, each


def _leader(pid: int, parents: Mapping[int, int], leaders: Mapping[int, str]) -> str | None:
    while pid in parents:
        if pid in leaders:
            return leaders[pid]
        pid = parents[pid]
    return None
