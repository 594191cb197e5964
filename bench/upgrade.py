"""An upgrade from an earlier commit with a title playing and an encode running: `make bench-upgrade [BEFORE=commit]`.

The earlier code is checked out beside this one and its whole stack started. A member plays: a segment and a heartbeat
twice a second, an event with each. Another film is being encoded by Airflow. Then the checkout goes to this commit, as
an operator does by git, and `marquee upgrade` runs. Said are the longest times without a segment and without an answer
of the API, what was acknowledged and is not there afterwards, and whether finished chunks were made again.

ENCODE=0 leaves Airflow and the encode out. Without BEFORE it is the commit before the newest migration. Both run with
the packages of this environment.
"""

import argparse
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psycopg

from bench.figures import Figure, report
from bench.playback.platform import EMAIL, PASSWORD, a_film
from bench.stack import ROOT
from marquee.backup.player import Player, play, sign_in
from marquee.contracts.errors import MarqueeError, Unavailable
from marquee.embedded import airflow
from marquee.embedded.airflow_api import AirflowApi, Json
from marquee.embedded.ports import free_for_settings
from marquee.settings import Settings
from marquee.settings.environment import as_environment

MIGRATIONS = "marquee/catalogue/migrations/versions"
SCHEMA = "select version_num from alembic_version"
WITHOUT_AIRFLOW = """
from marquee.catalogue.database import migrate
from marquee.embedded import commands
from marquee.settings import settings
names = ("postgres", "api", "origin", "shield", *settings().edges)
commands.up(settings(), print, migrate=migrate, only=names)
"""
DAG, SLUG = "title_pipeline", "encoded"
FILM_S, ENCODED_S = 60, 90
FIRST_MS = 20_000  # sooner, nothing is kept of a title that was only looked at
EVERY_S = 0.5
BUFFER_S = 8.0  # of a player that has just begun: two segments
COMMAND_S, ENCODE_S = 600, 1800


@dataclass
class Seen:
    """What the player got: times of what was answered, failures, the numbers of events that were accepted."""

    segments: list[float] = field(default_factory=list)
    beats: list[float] = field(default_factory=list)
    events: list[int] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    position_ms: int = 0


@dataclass(frozen=True)
class Installation:
    """A checkout with its home."""

    checkout: Path
    settings: Settings
    environment: dict[str, str]

    def marquee(self, *words: str) -> str:
        return self.python("-m", "marquee.cli", *words)

    def python(self, *words: str) -> str:
        argv = [sys.executable, *words]
        done = subprocess.run(
            argv,
            cwd=self.checkout,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
            check=False,
        )
        if done.returncode:
            raise Unavailable(f"the command failed: {done.stdout}{done.stderr}", where=" ".join(words))
        return done.stdout

    def airflow(self) -> AirflowApi:
        url = f"http://127.0.0.1:{self.settings.port_airflow}"
        return AirflowApi(url, "admin", airflow.passwords(self.settings)["admin"])

    def one(self, statement: str, *values: int) -> int:
        with psycopg.connect(self.settings.database().replace("+psycopg", "")) as connection:
            row = connection.execute(statement.encode(), values).fetchone()
        return int(row[0]) if row else 0

    def chunks(self) -> dict[str, float]:
        """When each chunk in the work store was written, as a Unix time."""
        folder = self.settings.home / "work"
        return {str(each.relative_to(folder)): each.stat().st_mtime for each in folder.rglob("*.mp4")}


def main() -> None:
    arguments = _arguments()
    before = arguments.before or _before_the_newest_migration()
    now = _git("rev-parse", "HEAD")
    with TemporaryDirectory(prefix="marquee-bench-") as name, _checkout(Path(name) / "checkout", before) as checkout:
        figures, details = _upgraded(checkout, Path(name), now, encode=arguments.encode)
    report("upgrade", figures, {"before": before, "now": now, **details})


def _before_the_newest_migration() -> str:
    """On the main line: commits within a branch that was merged need not work by themselves."""
    words = ("log", "-1", "--first-parent", "--diff-filter=A", "--format=%H", "--", MIGRATIONS)
    return _git("rev-parse", f"{_git(*words)}^")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.upgrade", description=__doc__)
    parser.add_argument("--before", default=os.environ.get("BEFORE", ""))
    parser.add_argument("--encode", type=int, default=int(os.environ.get("ENCODE", "1")))
    return parser.parse_args()


def _upgraded(checkout: Path, folder: Path, now: str, *, encode: int) -> tuple[list[Figure], dict[str, object]]:
    installation = _installation(checkout, folder)
    seen = Seen()
    try:
        installation.marquee("up") if encode else installation.python("-c", WITHOUT_AIRFLOW)
        title_id = _prepared(installation, folder)
        run = _encoding(installation, folder) if encode else ""
        with _watching(installation, title_id, seen) as player:
            time.sleep(10)
            chunks, schema = installation.chunks(), installation.one(SCHEMA)
            _git("checkout", "--quiet", "--detach", now, at=checkout)
            began, began_at = time.monotonic(), time.time()
            said = installation.marquee("upgrade")
            took = time.monotonic() - began
            time.sleep(10)
        print(said)
        state = _awaited(installation, run) if encode else "left out"
        kept = installation.one("select position_ms from progress where title_id = %s", title_id)
        events = _stored(installation, player.session_id)
        after = installation.chunks()
        print(f"schema {schema} to {installation.one(SCHEMA)}; the encode: {state}")
    finally:
        with suppress(Unavailable):
            installation.marquee("down")
    again = [name for name, at in chunks.items() if after.get(name, at) > at and after[name] > began_at]
    figures = [
        Figure("upgrade.wall", took, "s"),
        Figure("upgrade.longest_without_segment", _longest(seen.segments), "s"),
        Figure("upgrade.longest_without_api", _longest(seen.beats), "s"),
        Figure("upgrade.failed_segments", len(seen.failed), "segments"),
        Figure("upgrade.lost_events", len(set(seen.events) - events), "events"),
        Figure("upgrade.lost_progress", max(0, seen.position_ms - kept), "ms"),
        Figure("upgrade.chunks_before", len(chunks), "chunks"),
        Figure("upgrade.chunks_made_again", len(again), "chunks"),
        Figure("upgrade.encode_failed", state == "failed", "runs"),
    ]
    print(f"{len(seen.segments)} segments, {len(seen.beats)} heartbeats, {len(seen.events)} events; {seen.failed[:3]}")
    if _longest(seen.segments) > BUFFER_S or seen.failed or set(seen.events) - events or state == "failed":
        report("upgrade", figures, {})
        raise SystemExit("the upgrade was seen")
    return figures, {"said": said}


def _installation(checkout: Path, folder: Path) -> Installation:
    values = {**free_for_settings(), "home": folder / "home", "delivery_settle_s": 3600}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MARQUEE_", "AIRFLOW"))}
    environment = kept | as_environment(values) | {"PYTHONPATH": str(checkout)}
    return Installation(checkout, Settings(_env_file=None, **values), environment)  # type: ignore[arg-type]


@contextmanager
def _checkout(folder: Path, commit: str) -> Iterator[Path]:
    _git("worktree", "add", "--quiet", "--detach", str(folder), commit)
    try:
        yield folder
    finally:
        _git("worktree", "remove", "--force", str(folder))


def _prepared(installation: Installation, folder: Path) -> int:
    """A member with a plan, and a title that is shown; its id."""
    installation.marquee("member", "create", EMAIL, "--password", PASSWORD)
    installation.marquee("member", "plan", EMAIL, "premium")
    film = a_film(folder / "film.mp4", "320x180", FILM_S)
    installation.marquee("deliver", str(film), "--title", "Film", "--slug", "film")
    installation.marquee("run", "film", "--ladder", "preview", "--scheme", "cbcs")
    return installation.one("select id from titles where slug = 'film'")


def _encoding(installation: Installation, folder: Path) -> str:
    """A run whose first chunks are made."""
    film = a_film(folder / "encoded.mp4", "640x360", ENCODED_S)
    installation.marquee("deliver", str(film), "--title", "Encoded", "--slug", SLUG)
    before = len(installation.chunks())
    with installation.airflow() as api:
        run = api.trigger(DAG, {"delivery": SLUG, "ladder": "preview"})
        for _, tasks in api.follow(DAG, run, timeout_s=ENCODE_S):
            _waive(api, run, tasks)
            if len(installation.chunks()) > before + 1:
                return run
    raise Unavailable("the run ended before it encoded", where=run)


def _waive(api: AirflowApi, run: str, tasks: list[Json]) -> None:
    if any(each["task_id"] == "approve" and each["state"] == "awaiting_input" for each in tasks):
        api.answer(DAG, run, "approve", "Waive", reason="a bench")


def _awaited(installation: Installation, run: str) -> str:
    """How the run ended."""
    with installation.airflow() as api:
        for _, tasks in api.follow(DAG, run, timeout_s=ENCODE_S, interval_s=3):
            _waive(api, run, tasks)
        return api.state(DAG, run)


@contextmanager
def _watching(installation: Installation, title_id: int, seen: Seen) -> Iterator[Player]:
    over = threading.Event()
    client, profile = sign_in(f"http://127.0.0.1:{installation.settings.port_api}", EMAIL, PASSWORD)
    player = play(client, profile, title_id)
    watching = threading.Thread(target=_watch, args=(player, seen, over))
    talking = threading.Thread(target=_talk, args=(player, seen, over))
    for thread in (watching, talking):
        thread.start()
    try:
        yield player
    finally:
        over.set()
        for thread in (watching, talking):
            thread.join()


def _watch(player: Player, seen: Seen, over: threading.Event) -> None:
    number = 0
    while not over.wait(EVERY_S):
        number = number % (FILM_S // 4) + 1
        try:
            player.segment(number)
            seen.segments.append(time.monotonic())
        except MarqueeError as error:
            seen.failed.append(str(error))


def _talk(player: Player, seen: Seen, over: threading.Event) -> None:
    """Heartbeats and events. What is not answered is asked again, as players do."""
    number = 0
    while not over.wait(EVERY_S):
        position_ms = FIRST_MS + number * 100
        if player.beat(position_ms):
            seen.beats.append(time.monotonic())
            seen.position_ms = position_ms
        if _tell(player, number):
            seen.events.append(number)
            number += 1


def _tell(player: Player, number: int) -> bool:
    event = {"session_id": player.session_id, "seq": number, "name": "heartbeat", "position_ms": number * 100}
    event["viewer_time_ms"] = int(time.time() * 1000)
    try:
        answer = player.client.post("/v1/events", json={"events": [event]})
    except httpx.TransportError:
        return False
    return answer.status_code == 202 and answer.json()["accepted"] == 1


def _stored(installation: Installation, session_id: str) -> set[int]:
    """The numbers of the session's events in the log and in the lake."""
    from marquee.viewing.eventlog.reader import unshipped

    waiting = {int(row["seq"]) for row in unshipped(installation.settings.event_log) if _is_of(row, session_id)}
    return waiting | _shipped(installation.settings.home / "lake" / "events", session_id)


def _shipped(folder: Path, session_id: str) -> set[int]:
    import duckdb

    if not any(folder.rglob("*.parquet")):
        return set()
    statement = "select seq from read_parquet(?, union_by_name = true) where session_id = ?"
    found = duckdb.execute(statement, [f"{folder}/**/*.parquet", int(session_id)]).fetchall()
    return {int(seq) for (seq,) in found}


def _is_of(row: Json, session_id: str) -> bool:
    return str(row.get("session_id")) == session_id


def _longest(times: list[float]) -> float:
    """The longest span between two answers, in seconds."""
    return max((later - sooner for sooner, later in pairwise(times)), default=float("inf"))


def _git(*words: str, at: Path = ROOT) -> str:
    return subprocess.run(
        [shutil.which("git") or "git", *words], cwd=at, check=True, capture_output=True, text=True
    ).stdout.strip()


if __name__ == "__main__":
    main()
