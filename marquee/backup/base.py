"""The physical copy of the database, by PostgreSQL's own pg_basebackup over the replication protocol."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from marquee.backup import content
from marquee.backup.connection import connect, conninfo
from marquee.backup.layout import Database, StoredFile
from marquee.backup.segments import segment_name
from marquee.embedded.postgres import binary
from marquee.settings import Settings
from marquee.storage import Store, file_sha256
from marquee.tools.process import run
from marquee.tools.scratch import scratch

TIMEOUT_S = 24 * 3600
MANIFEST = "backup_manifest"

Say = Callable[[str], None]


def copy_database(s: Settings, target: Store, prefix: str, say: Say) -> Database:
    """Copy the whole cluster below a prefix of the target. It needs as much scratch space as the copy takes.

    Raises ToolFailed with what pg_basebackup said.
    """
    with connect(s, "marquee") as connection:
        rows, revision = content.rows(connection), content.revision(connection)
    with scratch() as folder, conninfo(s, folder) as info:
        run(_command(info, folder / "base"), timeout_s=TIMEOUT_S, on_error_line=lambda line: say(f"database: {line}"))
        described = json.loads((folder / "base" / MANIFEST).read_text())
        files = tuple(_stored(target, prefix, path) for path in sorted((folder / "base").iterdir()))
    return Database(
        cluster=str(described["System-Identifier"]),
        first_segment=_first_segment(described),
        superuser=str(make_url(s.database()).username),
        revision=revision,
        files=files,
        rows=rows,
    )


def _command(info: str, folder: Path) -> list[str]:
    """A tar file of the cluster and one of the log written meanwhile, with a manifest of SHA-256 hashes."""
    form = ["--format=tar", "--gzip", "--compress=1", "--wal-method=stream", "--manifest-checksums=SHA256"]
    how = ["--checkpoint=fast", "--progress", "--label=marquee", "--no-password", "--no-sync"]
    return [str(binary("pg_basebackup")), f"--dbname={info}", f"--pgdata={folder}", *form, *how]


def _stored(target: Store, prefix: str, path: Path) -> StoredFile:
    target.put(f"{prefix}/{path.name}", path)
    return StoredFile(key=path.name, size=path.stat().st_size, sha256=file_sha256(path), tag="")


def _first_segment(described: dict[str, Any]) -> str:
    first = described["WAL-Ranges"][0]
    return segment_name(int(first["Timeline"]), first["Start-LSN"])
