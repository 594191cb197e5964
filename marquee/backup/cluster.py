"""A PostgreSQL cluster that only this process can reach: for recovery, and to look into a backup.

It listens on a socket in a folder of its own and nowhere else, so nobody has to know a password of then.
"""

import os
import pwd
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from marquee.contracts.errors import ToolFailed
from marquee.embedded.postgres import as_account, binary, prepare_account
from marquee.embedded.processes import wait_until

TAIL_LINES = 15
STOP_S = 120.0
HBA = "local all all trust\n"


@contextmanager
def running(data: Path, superuser: str, *, patience_s: float) -> Iterator["Cluster"]:
    """Start a cluster and wait until it takes writes, its recovery done; stopped when the block ends.

    Raises ToolFailed, with the end of the server's log, when it ends before that.
    """
    user = prepare_account(data)
    give(data, user)
    with TemporaryDirectory(prefix="marquee-") as name:
        folder = Path(name)
        (folder / "pg_hba.conf").write_text(HBA)
        (folder / "log").touch()
        give(folder, user)
        cluster = Cluster(data, folder, superuser)
        process = cluster.start(user)
        try:
            cluster.wait(process, patience_s)
            yield cluster
        finally:
            _stop(process)


class Cluster:
    """A server's cluster in `data`, its socket and its log in `folder`."""

    def __init__(self, data: Path, folder: Path, superuser: str) -> None:
        self._data, self._folder, self._superuser = data, folder, superuser

    def start(self, user: str) -> "subprocess.Popen[bytes]":
        """As a child that ends with this process. It flushes nothing: who keeps the cluster calls `os.sync`."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._folder),
            "hba_file": str(self._folder / "pg_hba.conf"),
            "ssl": "off",
            "archive_mode": "off",
            "fsync": "off",
            "hot_standby": "off",  # which would want as many connections as the server had that was copied
        }
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        argv = [*as_account(user), "--pdeathsig", "INT", str(binary("postgres")), "-D", str(self._data), *words]
        with (self._folder / "log").open("ab") as output:
            return subprocess.Popen(argv, cwd="/", stdout=output, stderr=output, process_group=0)

    def wait(self, process: "subprocess.Popen[bytes]", patience_s: float) -> None:
        """Until it is out of recovery. Raises ToolFailed."""
        if not wait_until(lambda: process.poll() is not None or self._recovered(), patience_s):
            raise ToolFailed("the recovery takes too long", where=str(self._data), got=self.log())
        if process.poll() is not None:
            raise ToolFailed("PostgreSQL ended in its recovery", where=str(self._data), got=self.log())

    def connect(self, database: str = "marquee") -> "psycopg.Connection[tuple[Any, ...]]":
        return psycopg.connect(
            host=str(self._folder), dbname=database, user=self._superuser, autocommit=True, connect_timeout=5
        )

    def log(self) -> str:
        """The end of what the server has said."""
        return "\n".join((self._folder / "log").read_text(errors="replace").splitlines()[-TAIL_LINES:])

    def _recovered(self) -> bool:
        try:
            with self.connect("postgres") as connection:
                row = connection.execute("select pg_is_in_recovery()").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and not row[0]


def give(path: Path, user: str) -> None:
    """A folder with all that is in it to an account; nothing where the present one will do."""
    if not user:
        return
    account = pwd.getpwnam(user)
    for each in (path, *path.rglob("*")):
        os.chown(each, account.pw_uid, account.pw_gid, follow_symlinks=False)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Cleanly, with a checkpoint."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
