"""Lets old backups go, and then all that no other backup holds. Killed and run again, it goes on."""

from collections.abc import Callable

from marquee.backup import layout
from marquee.backup.layout import Backup
from marquee.backup.segments import needed
from marquee.storage import Store

Say = Callable[[str], None]


def expire(target: Store, keep: int, say: Say) -> list[str]:
    """Delete all but the newest backups; returns the ids of those that went.

    Only while no other backup is being made (marquee.catalogue.deletions): its objects belong to nobody yet.
    """
    gone = layout.ids(target)[:-keep]
    for backup_id in gone:
        target.remove(f"{layout.folder(backup_id)}/{layout.DOCUMENT}")  # first: half of a backup is none
    left = [layout.read(target, backup_id) for backup_id in layout.ids(target)]
    names = {backup.id for backup in left}
    for folder in {key.split("/")[1] for key in target.keys(layout.BACKUPS)} - names:
        target.delete(layout.folder(folder))
    count = _delete_objects(target, left) + _delete_log(target, left)
    if gone or count:
        say(f"expired: {len(gone)} backups, {count} objects and segments")
    return gone


def _delete_objects(target: Store, left: list[Backup]) -> int:
    held = {layout.object_key(file.sha256) for each in left for files in each.stores.values() for file in files}
    return _remove(target, [key for key in target.keys(layout.OBJECTS) if key not in held])


def _delete_log(target: Store, left: list[Backup]) -> int:
    """Segments from before the oldest backup of their cluster; those of clusters without a backup stay."""
    first = {each.database.cluster: each.database.first_segment for each in reversed(left)}
    archived = (key.split("/") for key in target.keys(layout.WAL))
    old = [
        "/".join(parts)
        for parts in archived
        if parts[-1].endswith(".gz") and parts[1] in first and not needed(parts[-1], first[parts[1]])
    ]
    return _remove(target, old)


def _remove(target: Store, keys: list[str]) -> int:
    for key in keys:
        target.remove(key)
    return len(keys)
