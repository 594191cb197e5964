"""Starts a throw-away API: PostgreSQL, one title, sessions, uvicorn."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from marquee.catalogue import database, profiles, releases, titles
from marquee.catalogue.database import begin, engine
from marquee.catalogue.models import AccountRow, PlaybackSessionRow, now
from marquee.contracts.title import TitleMetadata
from marquee.embedded.ports import free
from marquee.embedded.postgres import EmbeddedPostgres
from marquee.embedded.processes import wait_until
from marquee.settings import settings

ROOT = Path(__file__).parents[2]
APP = "bench.api.floor:app"  # the API with one route more, which does nothing
START_S = 60


@dataclass
class Server:
    """A running uvicorn, the leader of its process group."""

    process: subprocess.Popen[bytes]
    port: int

    def answers(self) -> bool:
        """Whether it takes requests. Raises RuntimeError when it has ended instead."""
        if self.process.poll() is not None:
            raise RuntimeError(f"uvicorn ended with {self.process.returncode}")
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz").is_success
        except httpx.TransportError:
            return False

    def cpu_s(self) -> float:
        """CPU time its first process has used, in seconds; other work on the machine does not count in it."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self, what: str = "VmRSS") -> float:
        """Memory of its first process: resident now, or at most so far by `VmHWM` (proc(5))."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition(f"{what}:")[2].split()[0]) / 1024

    def kill(self) -> None:
        """kill -9, all of its processes at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def catalogue(home: Path) -> Iterator[None]:
    """`settings()` of this process and its children name a home and a fresh catalogue of their own."""
    postgres = EmbeddedPostgres(home / "postgres", free(1)[0], "password-of-the-bench")
    postgres.prepare()
    postgres.start()
    os.environ |= {"MARQUEE_DATABASE_URL": postgres.url, "MARQUEE_HOME": str(home)}
    settings.cache_clear()
    try:
        import psycopg

        with psycopg.connect(f"{postgres.url}/postgres", autocommit=True) as connection:
            connection.execute("create database marquee")
        database.migrate()
        yield
    finally:
        engine().dispose()
        postgres.stop()


@contextmanager
def serving(*, workers: int = 1, port: int = 0) -> Iterator[Server]:
    """uvicorn with its processes; whatever is left of it is killed in the end."""
    server = start(workers=workers, port=port or free(1)[0])
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.terminate()
            server.process.wait(START_S)


def start(*, workers: int, port: int) -> Server:
    """uvicorn, once it answers."""
    words = ["--port", str(port), "--workers", str(workers), "--no-access-log", "--log-level", "warning"]
    argv = [sys.executable, "-m", "uvicorn", APP, *words]
    settings().home.mkdir(parents=True, exist_ok=True)
    log = (settings().home / "api.log").open("ab")
    process = subprocess.Popen(argv, cwd=ROOT, stdout=log, stderr=log, process_group=0)
    log.close()
    server = Server(process, port)
    if not wait_until(server.answers, START_S):
        server.kill()
        raise RuntimeError(f"the API does not answer; see {settings().home}/api.log")
    return server


def sessions(count: int) -> list[int]:
    """Playback sessions of one viewer on one title."""
    metadata = {"slug": "bench", "media": "film.mp4", "year": 2020, "texts": {"en": {"title": "Bench"}}}
    with begin() as session:
        account = AccountRow(origin="demo")
        session.add(account)
        session.flush()
        profile = profiles.create(session, account.id, name="Bench", languages=["en"])
        title = titles.upsert(session, TitleMetadata.model_validate(metadata), "fingerprint")
        release = releases.open_release(session, title.id, "bench", title.fingerprint)
        wanted = {"account_id": account.id, "profile_id": profile.id, "title_id": title.id, "release_id": release.id}
        rows = [PlaybackSessionRow(**wanted, expires_at=now() + timedelta(hours=6)) for _ in range(count)]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]
