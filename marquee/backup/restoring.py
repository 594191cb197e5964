"""Restores a home from a backup: secrets, then the database as it was at a moment, then the stores."""

import os
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from psycopg import sql

from marquee.backup import content, layout, places, sealed
from marquee.backup.cluster import Cluster
from marquee.backup.layout import Backup, StoredFile
from marquee.backup.objects import EVERY_S
from marquee.backup.places import Place
from marquee.backup.progress import Progress
from marquee.backup.recovery import chosen, recovered
from marquee.catalogue.database import require_known
from marquee.contracts.base import Contract
from marquee.contracts.errors import Conflict, GateFailed, InvalidInput, NotFound
from marquee.embedded.postgres import SUPERUSER
from marquee.embedded.supervisor import Supervisor
from marquee.settings import Settings
from marquee.storage import Store, file_sha256, replacing
from marquee.tools.scratch import scratch

UNFINISHED = "restore.json"
THREADS = 4

Say = Callable[[str], None]


class Restored(Contract):
    """What came of it. `lacking` are files that the database names and the backup does not have."""

    backup: str
    rows: dict[str, int]
    files: int
    bytes: int
    lacking: tuple[str, ...]


def restore(
    s: Settings, target: Store, say: Say, *, to: datetime | None = None, force: bool = False, secrets: bool = True
) -> Restored:
    """Restore the newest backup, or what was at a moment, into MARQUEE_HOME.

    Killed and run again it begins with the database anew and goes on with the stores. Raises Conflict when the home has
    data and `force` is not set (then its database is put aside), its servers run, or a later version made the backup;
    InvalidInput as `chosen`.
    """
    _require_own_database(s)
    _require_home(s, force=force)
    backup = chosen(target, to)
    require_known(backup.database.revision)
    with replacing(s.home / UNFINISHED) as temporary:
        temporary.write_text(backup.model_dump_json(include={"id"}))
    if secrets and backup.secrets:
        _restore_secrets(s, target, backup, say)
    rows, needed = _restore_database(s, target, backup, to, say)
    files = _files(target, backup, to)
    done = _restore_stores(s, target, files, say)
    (s.home / UNFINISHED).unlink()
    held = {file.key for file in files.get(places.ORIGIN, ())}
    return Restored(
        backup=backup.id,
        rows=rows,
        files=sum(len(each) for each in files.values()),
        bytes=done,
        lacking=tuple(sorted(needed - held)),
    )


def _require_own_database(s: Settings) -> None:
    if not s.embedded_postgres:
        raise InvalidInput(
            "the database of another server cannot be restored from here",
            where="MARQUEE_DATABASE_URL",
            expected="it unset; then start your PostgreSQL 18 on MARQUEE_HOME/postgres/data",
        )


def _require_home(s: Settings, *, force: bool) -> None:
    if Supervisor(s).answers():
        raise Conflict("its servers run", where=str(s.home), expected="`marquee down` first")
    if force or (s.home / UNFINISHED).exists():
        return
    local = [place.name for place in places.every(s) for store in place.stores if _holds_files(store)]
    if found := [*(["postgres"] if (s.home / "postgres" / "data").exists() else []), *dict.fromkeys(local)]:
        raise Conflict(
            "there is data already", where=str(s.home), expected="an empty home, or --force", got=", ".join(found)
        )


def _holds_files(store: Store) -> bool:
    """Whether a folder of this machine has files; object storage may have outlived the machine."""
    return store.local_root is not None and next(store.keys(), None) is not None


def _restore_secrets(s: Settings, target: Store, backup: Backup, say: Say) -> None:
    words = sealed.passphrase(s.backup_passphrase_file)
    names = sealed.open_into(s.home, target.read(f"{layout.folder(backup.id)}/{layout.SECRETS}"), words)
    say(f"secrets: {len(names)} files")


def _restore_database(
    s: Settings, target: Store, backup: Backup, to: datetime | None, say: Say
) -> tuple[dict[str, int], set[str]]:
    folder = s.home / "postgres" / "restoring"
    with recovered(target, backup, folder, to, say) as cluster:
        _admit(cluster, s.secret("postgres_password"))
        with cluster.connect() as connection:
            rows, needed = content.rows(connection), set(content.hashes(connection))
    data = s.home / "postgres" / "data"
    if data.exists():
        data.rename(data.with_name(f"data-before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"))
    os.sync()
    (folder / "data").rename(data)
    shutil.rmtree(folder)
    shutil.rmtree(s.home / "wal", ignore_errors=True)  # of the log's former line, which would be gone on with
    say(f"database: {sum(rows.values())} rows in {len(rows)} tables of the catalogue")
    return rows, needed


def _admit(cluster: Cluster, password: str) -> None:
    """The embedded server's superuser with this home's password: another server had another one."""
    role = sql.Identifier(SUPERUSER)
    with cluster.connect("postgres") as connection:
        known = connection.execute("select 1 from pg_roles where rolname = %s", (SUPERUSER,)).fetchone()
        made = sql.SQL(
            "alter role {} login superuser password {}" if known else "create role {} login superuser password {}"
        )
        connection.execute(made.format(role, sql.Literal(password)))
        connection.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active")


def _files(target: Store, backup: Backup, to: datetime | None) -> dict[str, tuple[StoredFile, ...]]:
    """A backup's files, and with a moment after it those of the next one: what was published in between is there."""
    later = [each for each in layout.ids(target) if each > backup.id]
    if to is None or not later:
        return backup.stores
    after = layout.read(target, later[0]).stores
    return {name: _united(files, after.get(name, ())) for name, files in backup.stores.items()}


def _united(files: Iterable[StoredFile], after: Iterable[StoredFile]) -> tuple[StoredFile, ...]:
    return tuple(({file.key: file for file in after} | {file.key: file for file in files}).values())


def _restore_stores(s: Settings, target: Store, files: dict[str, tuple[StoredFile, ...]], say: Say) -> int:
    """The bytes that were written."""
    done = 0
    for place in places.every(s):
        wanted = files.get(place.name, ())
        progress = Progress(place.name, len(wanted), sum(file.size for file in wanted), say, EVERY_S)
        with scratch() as folder, ThreadPoolExecutor(THREADS) as pool:
            for file, written in zip(wanted, pool.map(partial(_put, place, target, folder), wanted), strict=True):
                done += written
                progress.add(file.size)
        progress.end()
    return done


def _put(place: Place, target: Store, folder: Path, file: StoredFile) -> int:
    """Write a file where it is not as it should be; bytes written. Raises GateFailed for a damaged object."""
    lacking = [store for store in place.stores if not _held(store, file)]
    if not lacking:
        return 0
    source = folder / uuid4().hex
    target.link(layout.object_key(file.sha256), source)
    try:
        if file_sha256(source) != file.sha256:
            raise GateFailed("a damaged object", where=f"{target.url}/{layout.object_key(file.sha256)}")
        for store in lacking:
            store.put(file.key, source)
    finally:
        source.unlink()
    return file.size * len(lacking)


def _held(store: Store, file: StoredFile) -> bool:
    try:
        return store.size(file.key) == file.size and store.sha256(file.key) == file.sha256
    except NotFound:
        return False
