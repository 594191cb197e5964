"""A container under runc: started, asked for its health, told to end."""

import json
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.compose.file import seconds
from bench.compose.network import PREFIX, namespace

STATE = Path("/run/marquee-compose")  # runc's; one run at a time, so that the next one finds what a killed one left
RUNC = ("runc", "--root", str(STATE))
LOOK_S = 0.5
STARTS = 5  # as `on-failure:5` has it; a server that ends again and again is given up as well
GRACE_S = 10.0  # Docker's own, where the file says nothing
MARGIN_S = 60.0  # for a command to begin inside, on a machine that does other work too


@dataclass
class Container:
    """One service of the file; `restarts` counts the starts after the first."""

    name: str
    service: Mapping[str, Any]
    bundle: Path
    restarts: int = 0
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def id(self) -> str:
        return namespace(self.name)

    @property
    def log(self) -> Path:
        return self.bundle / "log"

    def start(self) -> None:
        with self.log.open("ab") as out:
            argv = [*RUNC, "run", "--bundle", str(self.bundle), self.id]
            self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, process_group=0)

    def ended(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._process.poll() if self._process else None

    def settle(self, patience: float) -> float:
        """Wait until it is healthy, or a job's work is done; the seconds that took.

        `patience` multiplies what the file allows, on a machine that does other work too. Raises RuntimeError when
        it is over, or when it has ended again and again, with the last lines of its log.
        """
        begun = time.monotonic()
        while not self._settled():
            if time.monotonic() - begun > self.allowed_s * patience:
                raise RuntimeError(f"{self.name}: not healthy after {self.allowed_s * patience:.0f} s{self.tail()}")
            time.sleep(LOOK_S)
        return time.monotonic() - begun

    @property
    def is_job(self) -> bool:
        return "healthcheck" not in self.service

    @property
    def allowed_s(self) -> float:
        """Until when Docker would not call it unhealthy, in seconds; a job may take ten minutes."""
        if self.is_job:
            return 600
        check = self.service["healthcheck"]
        return seconds(check.get("start_period", "0s")) + check.get("retries", 3) * seconds(check["interval"])

    def _settled(self) -> bool:
        status = self.ended()
        if status == 0 and self.is_job:
            return True
        if status is not None:
            self._again(status)
            return False
        return not self.is_job and self.healthy()

    def _again(self, status: int) -> None:
        if self.restarts == STARTS:
            raise RuntimeError(f"{self.name}: ended with {status} for the {STARTS + 1}th time{self.tail()}")
        self.restarts += 1
        self.start()

    def healthy(self) -> bool:
        """What the file's health check says; it is ended inside after its timeout, as Docker does."""
        check = self.service["healthcheck"]
        kind, *words = check["test"]
        argv = words if kind == "CMD" else ["/bin/sh", "-c", *words]
        limit_s = seconds(check["timeout"])
        within = ["/usr/bin/timeout", "--kill-after=1", f"{limit_s}", *argv]
        with suppress(subprocess.TimeoutExpired):
            return self.run(*within, timeout_s=limit_s + MARGIN_S).returncode == 0
        return False

    def run(self, *argv: str, timeout_s: float) -> "subprocess.CompletedProcess[str]":
        """A command inside, as the service's user and with its environment."""
        return subprocess.run(
            [*RUNC, "exec", self.id, *argv], capture_output=True, text=True, timeout=timeout_s, check=False
        )

    def stop(self) -> tuple[float, bool]:
        """The file's stop signal, SIGKILL after its grace period; the seconds it took, and whether it was killed."""
        begun = time.monotonic()
        if self._process is None or self.ended() is not None:
            return 0.0, False
        runc("kill", self.id, self.service.get("stop_signal", "SIGTERM"))
        try:
            self._process.wait(seconds(self.service.get("stop_grace_period", "")) or GRACE_S)
            killed = False
        except subprocess.TimeoutExpired:
            runc("kill", self.id, "SIGKILL")
            self._process.wait(GRACE_S)
            killed = True
        return time.monotonic() - begun, killed

    def tail(self, lines: int = 20) -> str:
        text = self.log.read_text(errors="replace").splitlines()
        return "\n  ".join(["; the end of its log:", *text[-lines:]])


def runc(*words: str) -> str:
    """Ask the runtime; what it says, also where it says no."""
    return subprocess.run([*RUNC, *words], capture_output=True, text=True, check=False).stdout


def remove_all() -> None:
    """End and forget whatever a run has left."""
    for each in json.loads(runc("list", "--format", "json") or "null") or []:
        if each["id"].startswith(PREFIX):
            runc("delete", "--force", each["id"])
