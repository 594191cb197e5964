"""Starts a service from its specification: `python -m marquee.embedded.launch <spec.json>`, run by the supervisor.

Ends what the service's previous life has left behind (nginx's workers outlive a killed master and keep its port),
writes down the new life, takes the user, the folder and the environment of the spec, and becomes the program.
"""

import json
import os
import pwd
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from marquee.embedded import processes
from marquee.embedded.processes import Leader


@dataclass(frozen=True)
class Spec:
    """What is run, where, with which environment and as which user (none: the present one)."""

    argv: list[str]
    directory: str
    environment: dict[str, str] = field(repr=False)
    user: str = ""

    def write(self, path: Path) -> None:
        """Keep it for the owner only: the environment holds secrets."""
        path.touch(mode=0o600)
        path.write_text(self.text())

    @classmethod
    def read(cls, path: Path) -> "Spec":
        return cls(**json.loads(path.read_text()))

    def text(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True)


def main(path: Path) -> None:
    """Become the program of the spec."""
    spec = Spec.read(path)
    life = path.with_suffix(".life")
    if life.exists():
        previous = Leader(**json.loads(life.read_text()))
        processes.end(lambda: processes.of_group(previous) - {os.getpid()}, patience_s=0)
    if now := Leader.of(os.getpid()):
        life.write_text(json.dumps(now.dict()))
    if spec.user:
        _become(spec.user)
    os.chdir(spec.directory)
    os.execve(spec.argv[0], spec.argv, spec.environment)  # noqa: S606  no shell is wanted


def _become(user: str) -> None:
    account = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
