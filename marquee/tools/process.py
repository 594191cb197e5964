"""Runs programs: the one process runner, with time limits, logs and an end with the parent."""

import ctypes
import os
import queue
import re
import shlex
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from marquee import tracing
from marquee.contracts.errors import ToolFailed
from marquee.logs import log

PR_SET_PDEATHSIG = 1
TAIL_LINES = 40


@dataclass(frozen=True)
class Finished:
    """A program that ended well: its standard output, the last lines of its standard error, wall seconds."""

    stdout: bytes
    stderr: str
    seconds: float


def run(
    argv: Sequence[str],
    *,
    timeout_s: float,
    cwd: Path | None = None,
    secret_input: bytes | None = None,
    on_line: Callable[[str], None] | None = None,
    on_error_line: Callable[[str], None] | None = None,
) -> Finished:
    """Run a program to its end in a process group of its own.

    The child dies with this process, even when this one is killed outright. `secret_input` is passed through an
    anonymous pipe that the arguments name as {secret} (a /dev/fd path): secrets never stand in an argument list.
    `on_line` is called for each line of standard output, which is then not collected; `on_error_line` likewise for
    standard error, whose last lines are kept in any case.

    Raises ToolFailed with the last lines of standard error when the exit status is not 0 or the time is over.
    """
    name = Path(argv[0]).name.partition("-linux")[0]  # wheels name programs after the machines that they are for
    with tracing.span(name, {"process.executable.name": name}):
        return _run(argv, timeout_s, cwd, secret_input, on_line, on_error_line)


def _run(
    argv: Sequence[str],
    timeout_s: float,
    cwd: Path | None,
    secret_input: bytes | None,
    on_line: Callable[[str], None] | None,
    on_error_line: Callable[[str], None] | None,
) -> Finished:
    secret_fd = _pipe_with(secret_input) if secret_input is not None else None
    args = [a.replace("{secret}", f"/dev/fd/{secret_fd}") for a in argv] if secret_fd is not None else list(argv)
    log.info("run", command=shlex.join(argv))
    started = time.monotonic()
    try:
        process = subprocess.Popen(
            args,
            cwd=cwd,
            env={**os.environ, **traced} if (traced := tracing.environment()) else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
            pass_fds=() if secret_fd is None else (secret_fd,),
            preexec_fn=_die_with_parent(os.getpid()),
        )
    finally:
        if secret_fd is not None:
            os.close(secret_fd)
    try:
        stdout, tail = _watch(process, started + timeout_s, on_line, on_error_line)
    finally:
        _end(process)
    seconds = time.monotonic() - started
    tail = _without(secret_input, tail)
    tracing.note({"process.exit.code": process.returncode})
    if process.returncode != 0:
        raise ToolFailed(
            f"{Path(argv[0]).name} failed: {tail or 'it said nothing'}",
            where=shlex.join(argv),
            expected="exit status 0",
            got=str(process.returncode),
        )
    return Finished(stdout, tail, seconds)


def _without(secret: bytes | None, said: str) -> str:
    """What a program said, without the keys (hex) of a secret that it quotes."""
    for key in re.findall(r"[0-9a-f]{32,}", (secret or b"").decode("ascii", "ignore")):
        said = said.replace(key, "…")
    return said


def _watch(
    process: "subprocess.Popen[bytes]",
    deadline: float,
    on_line: Callable[[str], None] | None,
    on_error_line: Callable[[str], None] | None,
) -> tuple[bytes, str]:
    """Read both pipes until they close; returns collected stdout and the tail of stderr."""
    lines: queue.SimpleQueue[tuple[int, bytes | None]] = queue.SimpleQueue()

    def pump(which: int, pipe: object) -> None:
        for line in iter(pipe.readline, b""):  # type: ignore[attr-defined]
            lines.put((which, line))
        lines.put((which, None))

    for which, pipe in ((1, process.stdout), (2, process.stderr)):
        threading.Thread(target=pump, args=(which, pipe), daemon=True).start()
    collected, tail, open_pipes = bytearray(), deque[str](maxlen=TAIL_LINES), 2
    while open_pipes:
        try:
            which, line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise ToolFailed("took longer than its time limit", where=shlex.join(process.args)) from None  # type: ignore[arg-type]
        if line is None:
            open_pipes -= 1
        elif which == 2:
            text = line.decode(errors="replace").rstrip()
            tail.append(text)
            if on_error_line:
                on_error_line(text)
        elif on_line:
            on_line(line.decode(errors="replace").rstrip("\r\n"))
        else:
            collected += line
    process.wait()
    return bytes(collected), "\n".join(tail)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Make sure that nothing of the group lives on."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _pipe_with(content: bytes) -> int:
    """The reading end of a pipe that holds the content. Pipes hold 64 KiB; keys are far smaller."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as file:
        file.write(content)
    return reader


def _die_with_parent(parent: int) -> Callable[[], None]:
    """A hook for the child, between fork and exec: the kernel sends SIGKILL when the parent thread ends."""
    libc = ctypes.CDLL(None)

    def hook() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return hook
