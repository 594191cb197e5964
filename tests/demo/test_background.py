"""A command in the background: one at a time, not ended with the terminal that started it, followed by whoever asks."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from marquee.demo.background import Background

COUNT = "import sys, pathlib\nprint('begins')\npathlib.Path(sys.argv[1]).read_text()\nprint('ends')"
STARTER = """
import os, sys, pathlib
from marquee.demo.background import Background
background = Background(sys.argv[2:], pathlib.Path(sys.argv[1]), dict(os.environ))
assert background.start()
background.follow(lambda line: print(line, flush=True))
"""


@pytest.fixture
def gate(tmp_path):
    """A named pipe: the command goes on once somebody has written into it."""
    os.mkfifo(tmp_path / "gate")
    return tmp_path / "gate"


@pytest.fixture
def command(gate):
    return [sys.executable, "-u", "-c", COUNT, str(gate)]


def background(tmp_path: Path, command: list[str]) -> Background:
    return Background(command, tmp_path / "logs" / "rest.log", dict(os.environ))


def lines(one: Background) -> list[str]:
    said: list[str] = []
    one.follow(said.append)
    return said


def test_it_runs_once_at_a_time_and_again_when_it_has_ended(tmp_path, gate, command):
    one, other = background(tmp_path, command), background(tmp_path, command)
    assert one.start()
    assert not other.start()
    assert one.running()
    gate.write_text("go on")
    assert lines(one) == ["begins", "ends"]
    assert not one.running()
    assert one.start()
    gate.write_text("go on")
    assert lines(one) == ["begins", "ends"]


def test_it_outlives_the_terminal_that_started_it(tmp_path, gate, command):
    log = tmp_path / "logs" / "rest.log"
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(log), *command], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert starter.stdout
    assert starter.stdout.readline() == "begins\n"
    os.killpg(starter.pid, signal.SIGKILL)
    starter.wait()
    joined = background(tmp_path, command)
    assert joined.running()
    assert not joined.start()
    gate.write_text("go on")
    assert lines(joined) == ["ends"]
    assert log.read_text() == "begins\nends\n"


def test_one_that_is_killed_is_noticed(tmp_path, gate, command):
    one = background(tmp_path, command)
    one.start()
    deadline = time.monotonic() + 10
    while not one.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.01)
    pid = next(int(p.name) for p in Path("/proc").glob("[0-9]*") if _words(p)[-1:] == [str(gate)])
    os.kill(pid, signal.SIGKILL)
    assert lines(one) == ["begins"]
    assert not one.running()


def _words(process: Path) -> list[str]:
    try:
        return (process / "cmdline").read_bytes().decode().rstrip("\0").split("\0")
    except OSError:
        return []
