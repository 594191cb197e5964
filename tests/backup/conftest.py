"""A small installation with an embedded database and every kind of store, and homes to restore into."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from marquee.backup import layout, wal
from marquee.catalogue import database, releases, titles
from marquee.catalogue.database import begin
from marquee.contracts.plan import DrmScheme
from marquee.contracts.release import Release, ReleaseFile
from marquee.contracts.title import Marks, TitleMetadata
from marquee.embedded.ports import free
from marquee.embedded.postgres import EmbeddedPostgres
from marquee.settings import Settings, settings
from marquee.storage import Store

PASSPHRASE = "four words of the operator"
SEGMENTS = {f"video/h264-360p/{n}.m4s": f"segment {n} ".encode() * 999 for n in range(1, 9)}
FILES = {
    "mezzanine/abc/film.mp4": b"the film" * 1000,
    "work/p1/plan.json": b"{}",
    "work/p1/chunk.mp4": b"a chunk, which can be made again",
    "work/qc/1/report.html": b"<html>",
    "lake/events/dt=2026-01-01/hour=07/a.parquet": b"PAR1",
    "events/writer-1/000001.open": b'{"event": 1}\n{"half of',
    "inbox/a-film/title.yaml": b"title: A film\n",
    "warehouse/marquee.duckdb": b"duck" * 100,
    "mlflow/1/model.npz": b"weights",
    "quarantine/bad-1/reason.json": b"{}",
}


@dataclass(frozen=True)
class Installation:
    """What is backed up: its settings and the release that viewers get."""

    settings: Settings
    release: Release
    new_home: Callable[[], Settings]

    @property
    def target(self) -> Store:
        return layout.opened(self.settings.backup)

    def now(self) -> datetime:
        with self.connect() as connection:
            return connection.execute("select clock_timestamp()").fetchone()[0]

    def at(self, s: Settings, key: str, region: str = "eu") -> Path:
        return s.home / "origin" / region / self.release.prefix / key

    def write(self, name: str) -> datetime:
        """Add a row; the moment after it was committed."""
        with self.connect() as connection:
            connection.execute(
                "insert into deleted_profiles (profile_id) values (%s)",
                (int.from_bytes(hashlib.sha256(name.encode()).digest()[:6]),),
            )
        return self.now()

    def rows(self) -> int:
        with self.connect() as connection:
            return connection.execute("select count(*) from deleted_profiles").fetchone()[0]

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.settings.database().replace("+psycopg", ""), autocommit=True)


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """Not below pytest's folder, which every starting pytest closes to other accounts: the database's has to pass."""
    with TemporaryDirectory(prefix="marquee-test-") as name, pytest.MonkeyPatch.context() as patched:
        folder, homes = Path(name), count(1)
        (folder / "passphrase").write_text(PASSPHRASE)
        values = {
            "HOME": folder / "home",
            "BACKUP_URL": f"file://{folder}/backups",
            "BACKUP_PASSPHRASE_FILE": folder / "passphrase",
            "PORT_POSTGRES": free(1)[0],
        }
        for key, value in values.items():
            patched.setenv(f"MARQUEE_{key}", str(value))
        settings.cache_clear()
        s = settings()

        def new_home() -> Settings:
            return Settings(_env_file=None, home=folder / f"restored {next(homes)}", port_postgres=free(1)[0])

        with serving(s) as server:
            server.ensure_databases(["marquee"])
            database.migrate()
            for key, content in FILES.items():
                _write(s.home / key, content)
            for secret in ("master_key", "signing_key", "edge_key"):
                s.secret(secret)
            yield Installation(s, publish(s, "a-film", SEGMENTS), new_home)
            database.engine().dispose()
    settings.cache_clear()


@contextmanager
def serving(s: Settings) -> Iterator[EmbeddedPostgres]:
    """The database of a home."""
    server = EmbeddedPostgres(s.home / "postgres", s.port_postgres, s.secret("postgres_password"), durable=False)
    server.prepare()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def carrying(s: Settings, target: Store) -> Iterator[None]:
    """The database's log is carried to the backup; all that was committed is there when the block has ended."""
    over = threading.Event()
    thread = threading.Thread(target=wal.run_until, args=(s, target, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(30)
        assert not thread.is_alive()


def publish(s: Settings, slug: str, segments: dict[str, bytes]) -> Release:
    """A title that viewers get, on all replicas."""
    sidecar = TitleMetadata.model_validate(
        {"slug": slug, "media": "film.mp4", "texts": {"en": {"title": "A"}}, "year": 1999}
    )
    with begin() as session:
        title = titles.upsert(session, sidecar, "fingerprint")
        row = releases.open_release(session, title.id, "p1", "fingerprint")
        files = [ReleaseFile(path=p, sha256=hashlib.sha256(c).hexdigest(), size=len(c)) for p, c in segments.items()]
        made = Release.model_validate(
            {
                "release_id": row.id,
                "title_id": title.id,
                "slug": slug,
                "plan": "p1",
                "profile": "test",
                "scheme": DrmScheme.NONE,
                "created_at": datetime.now(UTC),
                "duration_s": 32,
                "segment_s": 4,
                "video": [],
                "audio": [],
                "text": [],
                "marks": Marks(),
                "files": files,
            }
        )
        row.document, row.state = made.model_dump(mode="json"), "published"
        row.published_at = datetime.now(UTC)
        title.current_release_id = row.id
    for region in s.origins:
        for path, content in {**segments, "release.json": made.model_dump_json().encode()}.items():
            _write(s.home / "origin" / region / made.prefix / path, content)
    return made


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
