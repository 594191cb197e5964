"""Brings a copied cluster to a moment: its own log first, then the archived one, replayed by PostgreSQL."""

import gzip
import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from marquee.backup import layout
from marquee.backup.cluster import Cluster, give, running
from marquee.backup.layout import Backup, Database
from marquee.backup.segments import PARTIAL, needed
from marquee.contracts.errors import GateFailed, InvalidInput, NotFound, ToolFailed
from marquee.embedded.postgres import prepare_account
from marquee.storage import Store, file_sha256

PATIENCE_S = 24 * 3600.0
TOO_EARLY = "recovery ended before configured recovery target was reached"
SETTINGS = "postgresql.auto.conf"  # which PostgreSQL reads last

Say = Callable[[str], None]


def archive(database: Database) -> str:
    """Where the log of a cluster lies in a backup's store."""
    return f"{layout.WAL}/{database.cluster}"


def reached(target: Store, database: Database) -> datetime | None:
    """Everything committed until then is in the archived log; None where there is none."""
    try:
        return datetime.fromisoformat(json.loads(target.read(f"{archive(database)}/reached.json"))["at"])
    except NotFound:
        return None


def chosen(target: Store, to: datetime | None) -> Backup:
    """The newest backup whose database is not younger than a moment. Raises InvalidInput where none is, or no log
    leads that far, and NotFound where there is no backup."""
    newest = layout.newest(target)
    if to is None:
        return newest
    for backup_id in reversed(layout.ids(target)):
        if (backup := layout.read(target, backup_id)).database_at <= to:
            _require_log(target, backup, to)
            return backup
    first = layout.read(target, layout.ids(target)[0])
    raise InvalidInput(
        "no backup is so old",
        where=target.url,
        expected=f"{first.database_at.isoformat()} or later",
        got=to.isoformat(),
    )


@contextmanager
def recovered(target: Store, backup: Backup, folder: Path, to: datetime | None, say: Say) -> Iterator[Cluster]:
    """A cluster made from a backup in `folder`/data, recovered to a moment (none: as far as the log leads), running.

    When the block ends it is stopped, and ready for a server of its own. What lies in the folder is deleted first.
    Raises GateFailed for damaged files, ToolFailed with PostgreSQL's words.
    """
    data, wal = folder / "data", folder / "wal"
    shutil.rmtree(folder, ignore_errors=True)
    for each in (data, wal):
        each.mkdir(parents=True, mode=0o700)
    say("database: unpacking")
    _unpack(target, backup, data)
    say(f"database: {_fetch_log(target, backup.database, wal)} archived segments")
    settings = (data / SETTINGS).read_text()
    try:
        with _replayed(data, wal, backup, to, settings) as cluster:
            yield cluster
    finally:
        (data / SETTINGS).write_text(settings)
        shutil.rmtree(wal, ignore_errors=True)


@contextmanager
def _replayed(data: Path, wal: Path, backup: Backup, to: datetime | None, settings: str) -> Iterator[Cluster]:
    """Where the log ends before the moment, nothing was committed in between: `chosen` has asked how far it leads."""
    (data / "recovery.signal").touch()
    give(wal, prepare_account(data))
    (data / SETTINGS).write_text(settings + _recovery(wal, to))
    try:
        with running(data, backup.database.superuser, patience_s=PATIENCE_S) as cluster:
            yield cluster
            return
    except ToolFailed as error:
        if to is None or TOO_EARLY not in str(error):
            raise
    (data / SETTINGS).write_text(settings + _recovery(wal, None))
    with running(data, backup.database.superuser, patience_s=PATIENCE_S) as cluster:
        yield cluster


def _recovery(wal: Path, to: datetime | None) -> str:
    lines = [f'restore_command = \'cp "{wal}/%f" "%p"\'', "recovery_target_timeline = 'latest'"]
    if to is not None:
        stamp = to.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00")
        lines += [f"recovery_target_time = '{stamp}'", "recovery_target_action = 'promote'"]
    return "\n" + "\n".join(lines) + "\n"


def _unpack(target: Store, backup: Backup, data: Path) -> None:
    prefix = f"{layout.folder(backup.id)}/database"
    for file in backup.database.files:
        path = data.parent / file.key
        target.link(f"{prefix}/{file.key}", path)
        if file_sha256(path) != file.sha256:
            raise GateFailed("not the bytes of the backup", where=f"{target.url}/{prefix}/{file.key}")
        if file.key.endswith(".tar.gz"):
            into = data / "pg_wal" if file.key.startswith("pg_wal") else data
            with tarfile.open(path) as packed:
                packed.extractall(into, filter="tar")
        else:
            shutil.copyfile(path, data / file.key)
        path.unlink()
    data.chmod(0o700)


def _fetch_log(target: Store, database: Database, wal: Path) -> int:
    """Fetch the archived segments that the copy may need; how many. A segment's beginning counts where it is all."""
    prefix, count = archive(database), 0
    for key in target.keys(prefix):
        name = key.rpartition("/")[2]
        if not name.endswith(".gz") or not needed(name, database.first_segment):
            continue
        path = wal / name.removesuffix(".gz").removesuffix(PARTIAL)
        if PARTIAL in name and path.exists():
            continue
        path.write_bytes(gzip.decompress(target.read(key)))
        count += 1
    return count


def _require_log(target: Store, backup: Backup, to: datetime) -> None:
    until = reached(target, backup.database) or backup.database_at
    if to > until:
        raise InvalidInput(
            "the database's log does not lead so far",
            where=target.url,
            expected=f"{until.isoformat()} or earlier",
            got=to.isoformat(),
        )
