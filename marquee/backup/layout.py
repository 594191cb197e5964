"""How a backup lies in its store: objects by hash, shared by all backups, and a document for each backup.

objects/<aa>/<sha256>       bytes of files, each once, whichever stores and backups hold them
backups/<id>/backup.json    what belongs to a backup; written last, so that a backup without it does not exist
backups/<id>/database/      what pg_basebackup has written
backups/<id>/secrets.age    the secrets, encrypted with the operator's passphrase (age-encryption.org/v1)
backups/<id>/verified.json  when it was last verified
wal/<cluster>/              the database's write-ahead log since, by which it is restored to a moment
last.json                   of the newest backup: when it was finished, its bytes, when it was verified
damaged.json                objects that a verification found to have other bytes, until the next backup
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from marquee.contracts.base import Contract
from marquee.contracts.errors import GateFailed, NotFound
from marquee.settings import Settings
from marquee.storage import Store, replacing

BACKUPS, OBJECTS, WAL = "backups", "objects", "wal"
DOCUMENT, SECRETS, VERIFIED, LAST, DAMAGED = "backup.json", "secrets.age", "verified.json", "last.json", "damaged.json"
VERSION = 1


class StoredFile(Contract):
    """A file of a store. `tag` is the listing's word for this content: another one means it was written anew."""

    key: str
    size: int  # bytes
    sha256: str
    tag: str


class Database(Contract):
    """The physical copy: which cluster, from which segment of its write-ahead log on, and the schema's revision."""

    cluster: str  # PostgreSQL's system identifier
    first_segment: str
    superuser: str
    revision: str  # Alembic's, of the catalogue
    files: tuple[StoredFile, ...]  # below backups/<id>/database/
    rows: dict[str, int]  # of the catalogue's tables, shortly before the copy began


class Backup(Contract):
    """One backup. Everything the database names at `database_at` is in the stores' files, but for `missing`."""

    version: int = VERSION
    id: str
    began_at: datetime
    database_at: datetime
    finished_at: datetime
    database: Database
    stores: dict[str, tuple[StoredFile, ...]]
    missing: tuple[str, ...]  # files of releases that no replica holds as they should be
    secrets: bool

    @property
    def bytes(self) -> int:
        """Of the database's copy and of each object once."""
        objects = {file.sha256: file.size for files in self.stores.values() for file in files}
        return sum(objects.values()) + sum(file.size for file in self.database.files)


def opened(url: str) -> Store:
    """The store of backups at a URL; a new folder is for the owner only, for members' data lies in it."""
    store = Store(url)
    if store.local_root and not store.local_root.exists():
        store.local_root.mkdir(parents=True, mode=0o700)
    return store


def new_id(at: datetime) -> str:
    """Backups' ids sort by the moment they began."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S.%f}Z"


def folder(backup_id: str) -> str:
    return f"{BACKUPS}/{backup_id}"


def object_key(sha256: str) -> str:
    return f"{OBJECTS}/{sha256[:2]}/{sha256}"


def ids(target: Store) -> list[str]:
    """All backups that were finished, the oldest first."""
    keys = (key.split("/") for key in target.keys(BACKUPS))
    return sorted(parts[1] for parts in keys if parts[2:] == [DOCUMENT])


def read(target: Store, backup_id: str) -> Backup:
    """Raises NotFound, and GateFailed where the document is damaged or of another version."""
    key = f"{folder(backup_id)}/{DOCUMENT}"
    content = target.read(key)
    try:
        return Backup.model_validate_json(content)
    except ValidationError as error:
        raise GateFailed(
            f"not the document of a backup: {error.error_count()} errors", where=f"{target.url}/{key}"
        ) from None


def newest(target: Store) -> Backup:
    """Raises NotFound where there is none."""
    if not (found := ids(target)):
        raise NotFound("no finished backup", where=target.url)
    return read(target, found[-1])


def damaged(target: Store) -> frozenset[str]:
    """Hashes of objects that were found to have other bytes: the next backup copies them again."""
    try:
        return frozenset(json.loads(target.read(DAMAGED)))
    except NotFound:
        return frozenset()


def note_damaged(target: Store, hashes: Iterable[str]) -> None:
    target.write(DAMAGED, json.dumps(sorted(hashes)).encode())


def verified_at(target: Store, backup_id: str) -> datetime | None:
    """When a backup was last verified."""
    try:
        return datetime.fromisoformat(json.loads(target.read(f"{folder(backup_id)}/{VERIFIED}"))["at"])
    except NotFound:
        return None


def tell_last(s: Settings, target: Store) -> None:
    """Write `last.json` into the backup's store and into MARQUEE_HOME/backups, for whoever looks after this machine."""
    last = newest(target)
    verified = verified_at(target, last.id)
    said = {
        "finished_at": last.finished_at.isoformat(),
        "bytes": last.bytes,
        "verified_at": verified.isoformat() if verified else None,
    }
    content = json.dumps(said).encode()
    target.write(LAST, content)
    with replacing(s.home / "backups" / LAST) as temporary:
        Path(temporary).write_bytes(content)
