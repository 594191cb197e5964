"""Verifies a backup: every byte by its hash, the database by restoring it, and that each names what the other has."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from marquee.backup import content, layout, places
from marquee.backup.layout import Backup
from marquee.backup.objects import EVERY_S, THREADS
from marquee.backup.progress import Progress
from marquee.backup.recovery import recovered
from marquee.contracts.base import Contract
from marquee.contracts.errors import NotFound
from marquee.settings import Settings
from marquee.storage import Store
from marquee.tools.scratch import scratch

Say = Callable[[str], None]


class Checked(Contract):
    """What was found. `wrong` are sentences; a backup is good when there is none."""

    backup: str
    objects: int
    bytes: int
    rows: dict[str, int]
    wrong: tuple[str, ...]


def verify(s: Settings, target: Store, say: Say, *, backup_id: str = "") -> Checked:
    """Verify a backup, the newest without an id; that it is good is noted there. Raises NotFound."""
    backup = layout.read(target, backup_id) if backup_id else layout.newest(target)
    damaged = _damaged(target, backup, say)
    rows, more = ({}, ()) if damaged else _database(target, backup, say)
    lacking = tuple(f"no replica had {key}" for key in backup.missing)
    checked = Checked(
        backup=backup.id,
        objects=len(_objects(backup)),
        bytes=backup.bytes,
        rows=rows,
        wrong=(*damaged, *more, *lacking),
    )
    if not checked.wrong:
        at = json.dumps({"at": datetime.now(UTC).isoformat()})
        target.write(f"{layout.folder(backup.id)}/{layout.VERIFIED}", at.encode())
        layout.tell_last(s, target)
    return checked


def _objects(backup: Backup) -> dict[str, int]:
    """Size by the key of each object, and of each file of the database's copy, with its hash."""
    return {file.sha256: file.size for files in backup.stores.values() for file in files}


def _damaged(target: Store, backup: Backup, say: Say) -> tuple[str, ...]:
    """What is missing, or has other bytes than it should."""
    prefix = f"{layout.folder(backup.id)}/database"
    wanted = [(layout.object_key(sha256), sha256, size) for sha256, size in sorted(_objects(backup).items())]
    wanted += [(f"{prefix}/{file.key}", file.sha256, file.size) for file in backup.database.files]
    progress = Progress("hashes", len(wanted), sum(size for *_, size in wanted), say, EVERY_S)
    found: list[str] = []
    with ThreadPoolExecutor(THREADS) as pool:
        for (_, _, size), wrong in zip(wanted, pool.map(lambda each: _fault(target, *each[:2]), wanted), strict=True):
            progress.add(size)
            found += [wrong] if wrong else []
    progress.end()
    if backup.secrets and not target.exists(f"{layout.folder(backup.id)}/{layout.SECRETS}"):
        found.append("the secrets are missing")
    return tuple(found)


def _fault(target: Store, key: str, sha256: str) -> str:
    try:
        return "" if target.sha256(key) == sha256 else f"{key}: other bytes than were backed up"
    except NotFound:
        return f"{key}: missing"


def _database(target: Store, backup: Backup, say: Say) -> tuple[dict[str, int], tuple[str, ...]]:
    """Restore it in a scratch folder, count, and hold what it names against the files of the backup."""
    held = {file.key: file.sha256 for file in backup.stores.get(places.ORIGIN, ())}
    with scratch() as folder:
        place = folder / "postgres"
        with recovered(target, backup, place, backup.database_at, say) as cluster, cluster.connect() as connection:
            rows, named = content.rows(connection), content.hashes(connection)
    wrong = [f"the database names {key}, which is not in the backup" for key in named if held.get(key) != named[key]]
    wrong += [
        f"the table {name} is empty, and had rows"
        for name, n in backup.database.rows.items()
        if n and not rows.get(name)
    ]
    say(f"database: {sum(rows.values())} rows in {len(rows)} tables; it names {len(named)} files of releases")
    return rows, tuple(wrong)
