"""Processor time of processes and their children, from proc(5)."""

import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def seconds(leaders: Mapping[int, str]) -> dict[str, float]:
    """Processor seconds so far by the names of leaders, which are given by pid: theirs, those of the processes below
    them, and those of children that have ended."""
    parents, used = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(folder.name)] = int(fields[1])
        used[int(folder.name)] = sum(map(int, fields[11:15])) / TICKS
    found: dict[str, float] = defaultdict(float)
    for pid, spent in used.items():
        if leader := _leader(pid, parents, leaders):
            found[leader] += spent
    return found


def _leader(pid: int, parents: Mapping[int, int], leaders: Mapping[int, str]) -> str | None:
    while pid in parents:
        if pid in leaders:
            return leaders[pid]
        pid = parents[pid]
    return None
