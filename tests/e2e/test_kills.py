"""kill -9 in the middle of a title: a task, the scheduler, then everything. Nothing finished is made twice."""

import os
import signal
from pathlib import Path

import httpx
import pytest

from tests.conftest import MakeClip
from tests.e2e.conftest import Platform, at_edges, release, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def chunks(platform: Platform) -> dict[Path, int]:
    """Finished chunks and when each was written."""
    folder = platform.settings.home / "work" / "chunks"
    return {p: p.stat().st_mtime_ns for p in folder.glob("[!.]*")} if folder.exists() else {}


def encoders(platform: Platform) -> list[int]:
    """Processes that encode a chunk of this platform."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        ours = any(str(platform.settings.home).encode() in w and w.endswith(b"chunk.mp4") for w in words)
        if b"ffmpeg" in words[0] and ours:
            found.append(int(folder.name))
    return found


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def service(platform: Platform, name: str) -> int:
    line = next(x for x in platform.marquee("status").stdout.splitlines() if x.startswith(f"{name} "))
    return int(line.split()[2])


def everything(platform: Platform) -> list[int]:
    mark = f"MARQUEE_HOME={platform.settings.home}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes() and int(folder.name) != os.getpid():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def test_a_title_survives_every_kill(platform: Platform, make_clip: MakeClip) -> None:
    size = "854x480"
    platform.publish("survivor", make_clip("old.mp4", seconds=4, size="320x180", audio=False), silent=True)
    old = release(platform, "survivor")
    platform.deliver("survivor", make_clip("new.mp4", seconds=24, size=size, audio=False), done=False, silent=True)
    run = platform.trigger("survivor", ladder="standard")

    until(lambda: encoders(platform), 120, "an encode task")
    before = chunks(platform)
    task = parent(encoders(platform)[0])
    os.kill(task, signal.SIGKILL)  # the task's process; ffmpeg must die with it

    until(lambda: len(chunks(platform)) > len(before), 120, "another chunk")
    os.kill(service(platform, "airflow-scheduler"), signal.SIGKILL)

    until(lambda: len(chunks(platform)) > len(before) + 1 and encoders(platform), 240, "encoding goes on")
    at_the_end = chunks(platform)
    for pid in everything(platform):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    until(lambda: not encoders(platform), 10, "the encoders are gone")

    platform.marquee("up")
    assert release(platform, "survivor") == old
    segment = next(f["path"] for f in old["files"] if f["path"].endswith("/1.m4s"))
    playing = at_edges(platform.play("survivor"))[0]
    assert httpx.get(f"{playing}/{segment}").status_code == 200  # the earlier release plays on

    assert platform.finish(run, timeout_s=600) == "success", platform.logs_of_failures(run)
    finished = chunks(platform)
    twice = [p.name for p, written in at_the_end.items() if finished[p] != written]
    assert twice == []
    new = release(platform, "survivor")
    assert new["release_id"] != old["release_id"]
    assert {v["frames"] for v in new["video"]} == {24 * 25}
