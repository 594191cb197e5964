import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from marquee.contracts.errors import ToolFailed
from marquee.tools.process import run


def test_output_lines_go_to_the_callback_in_order() -> None:
    lines: list[str] = []
    run(["sh", "-c", "for i in 1 2 3; do echo $i; done"], timeout_s=10, on_line=lines.append)
    assert lines == ["1", "2", "3"]


def test_a_failure_names_the_command_the_status_and_the_last_words() -> None:
    with pytest.raises(ToolFailed) as failed:
        run(["sh", "-c", "echo bad news >&2; exit 3"], timeout_s=10)
    assert "bad news" in str(failed.value)
    assert failed.value.got == "3"
    assert "sh -c" in failed.value.where


def test_a_time_limit_ends_the_whole_group(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    with pytest.raises(ToolFailed, match="time limit"):
        run(["sh", "-c", f"sleep 60 & echo $! > {pids}; wait"], timeout_s=0.5)
    assert _gone(int(pids.read_text()))


def test_secrets_reach_the_program_but_not_its_arguments() -> None:
    script = "cat {secret}; tr '\\0' ' ' < /proc/$$/cmdline"
    out = run(["sh", "-c", script], timeout_s=10, secret_input=b"hush-hush ").stdout.decode()
    assert out.count("hush-hush") == 1


def test_a_program_that_fails_does_not_tell_the_keys() -> None:
    key = "0123456789abcdef" * 2
    with pytest.raises(ToolFailed, match=r"no such label: key=…") as failed:
        run(
            ["sh", "-c", "echo no such label: $(cat {secret}) >&2; exit 1"],
            timeout_s=10,
            secret_input=f"key={key}".encode(),
        )
    assert key not in str(failed.value)


def test_the_program_dies_with_a_killed_parent(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    code = (
        "from marquee.tools.process import run;"
        f"run(['sh', '-c', 'echo $$ > {pid_file}.part; mv {pid_file}.part {pid_file}; exec sleep 60'], timeout_s=90)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    _until(pid_file.exists)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert _gone(int(pid_file.read_text()))


def _gone(pid: int) -> bool:
    def ended() -> bool:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        return state == "Z"

    _until(ended)
    return ended()


def _until(condition: object, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.01)
