"""Makes a backup: what waits first, then the database, then the stores, while nothing is deleted.

A store's files are written before the database names them, and deletions wait (marquee.catalogue.deletions). So once
the database was copied, all that it names is there to be copied.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from marquee.backup import content, layout, places, sealed
from marquee.backup.base import copy_database
from marquee.backup.connection import connect
from marquee.backup.expiry import expire
from marquee.backup.layout import Backup, StoredFile
from marquee.backup.objects import Copier
from marquee.backup.places import Place
from marquee.catalogue import deletions
from marquee.contracts.errors import NotFound
from marquee.settings import Settings
from marquee.storage import Store
from marquee.viewing.eventlog.ship import nothing_ships

Say = Callable[[str], None]


def make(s: Settings, target: Store, say: Say, *, secrets: bool = True, keep: int = 0) -> Backup:
    """Make one, and let go of those beyond `keep` (0: MARQUEE_BACKUP_KEEP).

    Killed at any moment and made again, it copies only what is not there yet. Raises Conflict while another one
    is being made, InvalidInput without a passphrase for the secrets.
    """
    words = sealed.passphrase(s.backup_passphrase_file) if secrets else ""
    with deletions.held_off():
        began = _now()
        folder = layout.folder(layout.new_id(began))
        if secrets:
            target.write(f"{folder}/{layout.SECRETS}", sealed.seal(s, words))
        copier = _copier(target, say)
        files, missing = _copied(copier, (places.inbox(s),))
        database = copy_database(s, target, f"{folder}/database", say)
        database_at = _now()
        copier.expect(_hashes(s))
        more, lost = _copied_rest(s, copier)
        made = Backup(
            id=folder.rpartition("/")[2],
            began_at=began,
            database_at=database_at,
            finished_at=_now(),
            database=database,
            stores=files | more,
            missing=missing + lost,
            secrets=secrets,
        )
        target.write(f"{folder}/{layout.DOCUMENT}", made.model_dump_json().encode())
        target.remove(layout.DAMAGED)
        expire(target, keep or s.backup_keep, say)
    layout.tell_last(s, target)
    return made


def _copier(target: Store, say: Say) -> Copier:
    try:
        before = layout.newest(target)
    except NotFound:
        before = None
    return Copier(target, before, say)


def _copied_rest(s: Settings, copier: Copier) -> tuple[dict[str, tuple[StoredFile, ...]], tuple[str, ...]]:
    with nothing_ships(s.event_log), nothing_ships(s.edge_log):
        files, _ = _copied(copier, places.viewing(s))
    more, missing = _copied(copier, places.stores(s))
    return files | more, missing


def _copied(copier: Copier, wanted: tuple[Place, ...]) -> tuple[dict[str, tuple[StoredFile, ...]], tuple[str, ...]]:
    files: dict[str, tuple[StoredFile, ...]] = {}
    missing: tuple[str, ...] = ()
    for place in wanted:
        files[place.name], lost = copier.copy(place)
        missing += lost
    return files, missing


def _hashes(s: Settings) -> dict[str, str]:
    with connect(s, "marquee") as connection:
        return content.hashes(connection)


def _now() -> datetime:
    return datetime.now(UTC)
