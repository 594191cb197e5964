"""The PostgreSQL of this region: its folder, its configuration, and how it is copied from another region's.

What it is to do is written where PostgreSQL itself keeps it: `standby.signal` makes it a standby, postgresql.auto.conf
says whom it follows and whether it takes writes. So whatever dies, the state is found again.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from marquee.contracts.errors import InvalidInput
from marquee.embedded.postgres import SUPERUSER, EmbeddedPostgres, as_account, binary
from marquee.regions import system_settings
from marquee.regions.fencing import SHUT, START
from marquee.regions.follow import following
from marquee.regions.standing import require_any
from marquee.settings import Settings
from marquee.settings.regions import Region
from marquee.tools.process import run

COPY_S, REWIND_S, STOP_S = 24 * 3600.0, 4 * 3600.0, 120.0
KEPT_WAL, SLOT_WAL = "256MB", "16GB"  # for standbys that are away: without a slot, and with one
HBA = ("host all all all scram-sha-256", "host replication {user} all scram-sha-256")
OF_PRIMARIES = ("default_transaction_read_only", "marquee.fence", "marquee.alone", "synchronous_standby_names")
# Standbys report every second, which renews the lease. A silent link is given up, so that its slot is free again.
CONF = """\
wal_level = replica
hot_standby = on
wal_log_hints = on
max_wal_senders = 16
max_replication_slots = 16
wal_keep_size = '{kept}'
max_slot_wal_keep_size = '{slot}'
wal_receiver_status_interval = 1
wal_receiver_timeout = '10s'
wal_sender_timeout = '10s'
wal_retrieve_retry_interval = '1s'
synchronous_standby_names = '{synchronous}'
"""


@dataclass(frozen=True)
class RegionServer:
    """`name` of `regions`, with its cluster below `folder`. `synchronous` standbys keep a change before it counts."""

    folder: Path
    name: str
    regions: dict[str, Region]
    synchronous: int
    lease_s: float
    postgres: EmbeddedPostgres

    @property
    def region(self) -> Region:
        return self.regions[self.name]

    @property
    def others(self) -> list[str]:
        return [name for name in self.regions if name != self.name]

    @property
    def exists(self) -> bool:
        """Whether it has a cluster, whole."""
        return self.postgres.data.exists() and not self.half_done.exists()

    @property
    def half_done(self) -> Path:
        """Is there while the cluster is being changed in place: a rewind that was killed leaves nothing to start."""
        return self.folder / "rewinding"

    @property
    def is_standby(self) -> bool:
        return (self.postgres.data / "standby.signal").exists()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Nobody else starts, copies or rewinds it meanwhile."""
        self.postgres.prepare_folder()
        with (self.folder / "lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def begin(self) -> None:
        """Make the cluster of the first region; the others are copies of it."""
        self.postgres.prepare()

    def copy_from(self, source: Region) -> None:
        """Replace whatever is there by a copy of another region's cluster, which goes on meanwhile."""
        new = self.folder / "new"
        shutil.rmtree(new, ignore_errors=True)
        self._write_passwords()
        words = ["-D", str(new), "-d", conninfo(self, source), "--wal-method=stream", "--checkpoint=fast"]
        self._run("pg_basebackup", words, COPY_S)
        self._stand_by(new, source)
        if self.postgres.data.exists():
            self.half_done.touch()
            shutil.rmtree(self.postgres.data)
        new.rename(self.postgres.data)
        self.half_done.unlink(missing_ok=True)

    def rewind_to(self, source: Region) -> None:
        """Undo what the other region's cluster never had. Raises ToolFailed where too much time has passed for that."""
        self._write_passwords()
        self.half_done.touch()
        reached = f"{conninfo(self, source)} dbname=postgres"
        self._run("pg_rewind", ["-D", str(self.postgres.data), "--source-server", reached], REWIND_S)
        self._stand_by(self.postgres.data, source)
        self.half_done.unlink()

    def _stand_by(self, data: Path, source: Region) -> None:
        """Have a stopped cluster follow another region's from its next start."""
        signal = data / "standby.signal"
        signal.touch()
        self.postgres.give_to_account(signal)
        system_settings.change_stopped(data, following(source, self.name, self.passwords), reset=OF_PRIMARIES)

    def configure(self) -> None:
        """Write the configuration anew. A primary starts shut: another one may have taken over meanwhile."""
        self._write_passwords()
        conf = self.postgres.data / "marquee.conf"
        conf.write_text(self._conf())
        self.postgres.give_to_account(conf)
        _ensure_lines(self.postgres.data / "postgresql.conf", ["include 'marquee.conf'"])
        _ensure_lines(self.postgres.data / "pg_hba.conf", [line.format(user=SUPERUSER) for line in HBA])
        if not self.is_standby and not system_settings.of_stopped(self.postgres.data, "marquee.fence"):
            system_settings.change_stopped(self.postgres.data, {**SHUT, "marquee.fence": START})

    def stop_whoever_runs(self) -> None:
        """Stop the server, whichever process has started it."""
        if _runs(self.postgres.data):
            words = ["stop", "-D", str(self.postgres.data), "-m", "fast", "-t", str(int(STOP_S))]
            self._run("pg_ctl", words, STOP_S + 10)

    def _run(self, program: str, words: list[str], timeout_s: float) -> None:
        """Run a program of PostgreSQL under the server's account."""
        run([*as_account(self.postgres.user), str(binary(program)), *words], timeout_s=timeout_s, cwd=Path("/"))

    @property
    def passwords(self) -> Path:
        """A password file of libpq's: so that no password stands in a command or in a configuration."""
        return self.folder / "passwords"

    def _conf(self) -> str:
        names = ", ".join(f'"{name}"' for name in self.others)
        synchronous = f"ANY {self.synchronous} ({names})" if self.synchronous else ""
        return CONF.format(kept=KEPT_WAL, slot=SLOT_WAL, synchronous=synchronous)

    def _write_passwords(self) -> None:
        lines = [_password_line(region) for region in self.regions.values()]
        self.passwords.touch(mode=0o600)
        self.passwords.write_text("\n".join([*lines, ""]))
        self.postgres.give_to_account(self.passwords)


def of_settings(s: Settings) -> RegionServer:
    """This region's server. Raises InvalidInput where the settings name no regions."""
    region = require_any(s.regions)[s.region]
    parts = urlsplit(region.database)
    if parts.username != SUPERUSER:
        raise InvalidInput(
            "not the server's user", where="MARQUEE_REGIONS", expected=SUPERUSER, got=str(parts.username)
        )
    host, port = region.server
    folder = s.home / "postgres"
    server = EmbeddedPostgres(folder, port, unquote(parts.password or ""), host=host)
    return RegionServer(folder.resolve(), s.region, s.regions, s.region_synchronous, s.region_lease_s, server)


def conninfo(server: RegionServer, source: Region) -> str:
    """How a program of PostgreSQL reaches another region's server."""
    return following(source, server.name, server.passwords)["primary_conninfo"]


def _runs(data: Path) -> bool:
    """Whether a server runs in a folder; one that was killed leaves its file with the number of its process."""
    try:
        pid = (data / "postmaster.pid").read_text().split()[0]
        return Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"
    except (OSError, IndexError):
        return False


def _password_line(region: Region) -> str:
    """host:port:database:user:password, with : and \\ escaped (libpq, "The Password File")."""
    parts, (host, port) = urlsplit(region.database), region.server
    words = [host, str(port), "*", unquote(parts.username or ""), unquote(parts.password or "")]
    return ":".join(word.replace("\\", "\\\\").replace(":", "\\:") for word in words)


def _ensure_lines(path: Path, lines: list[str]) -> None:
    present = path.read_text()
    missing = [line for line in lines if line not in present.splitlines()]
    if missing:
        path.write_text("\n".join([present.rstrip("\n"), *missing, ""]))
