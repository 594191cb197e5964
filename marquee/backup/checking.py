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
    """Size by hash."""
    return {file.sha256: file.size for files in backup.stores.values() for file in files}


def _damaged(target: Store, backup: Backup, say: Say) -> tuple[str, ...]:
    """What is missing, or has other bytes than it should; such objects are noted, to be copied again."""
    prefix = f"{layout.folder(backup.id)}/database"
    wanted = {layout.object_key(sha256): (sha256, size) for sha256, size in sorted(_objects(backup).items())}
    wanted |= {f"{prefix}/{file.key}": (file.sha256, file.size) for file in backup.database.files}
    progress = Progress("hashes", len(wanted), sum(size for _, size in wanted.values()), say, EVERY_S)
    found: dict[str, str] = {}
    with ThreadPoolExecutor(THREADS) as pool:
        faults = pool.map(lambda key: _fault(target, key, wanted[key][0]), wanted)
        for key, fault in zip(wanted, faults, strict=True):
            progress.add(wanted[key][1])
            found |= {key: fault} if fault else {}
    progress.end()
    layout.note_damaged(target, {wanted[key][0] for key in found if key.startswith(layout.OBJECTS)})
    if backup.secrets and not target.exists(f"{layout.folder(backup.id)}/{layout.SECRETS}"):
        found[layout.SECRETS] = "missing"
    return tuple(f"{key}: {fault}" for key, fault in found.items())


def _fault(target: Store, key: str, sha256: str) -> str:
    try:
        return "" if target.sha256(key) == sha256 else "other bytes than were backed up"
    except NotFound:
        return "missing"


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
