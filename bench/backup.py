"""Backup under load, the machine lost, restore on an empty home: `make bench-backup [GIGABYTES=1 REPEAT=3]`.

A member plays, rows are written and each acknowledged one noted. The stack is backed up twice meanwhile; then all of it
is killed. The newest backup is restored into an empty home, its servers start, and the same member signs in and plays
the same title: a segment is decrypted and decoded. RPO is how long before the loss the last row that came back was
acknowledged; RTO is the time from the beginning of the restore to the decoded segment.
"""

import argparse
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from bench.figures import Figure, report, spread
from bench.playback.platform import EMAIL, PASSWORD, Platform, a_film, new_member
from marquee.backup import content, layout
from marquee.backup.player import Player, play, sign_in
from marquee.backup.playing import decoded_frames
from marquee.contracts.errors import MarqueeError
from marquee.embedded import commands, processes
from marquee.embedded.ports import free_for_settings
from marquee.embedded.supervisor import Supervisor
from marquee.settings import Settings, settings
from marquee.settings.environment import as_environment

SERVICES = ("postgres", "api", "origin", "shield", "edge-a", "edge-b")
LOG = "database-log"
FILM_S = 24
FILE_BYTES = 8_000_000
EVERY_S = 0.02  # between rows
QUIET_TABLES = ("accounts", "profiles", "titles", "releases", "content_keys", "subscriptions", "deliveries")


@dataclass
class Load:
    """What was acknowledged: the time of each row by its number; segments and heartbeats with their failures."""

    rows: dict[int, float] = field(default_factory=dict)
    segments: int = 0
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """One loss and its restore, in seconds, and what was lost."""

    rpo_s: float
    lost_rows: int
    restore_s: float
    rto_s: float
    counts_equal: bool


def main() -> None:
    arguments = _arguments()
    with TemporaryDirectory(prefix="marquee-bench-") as name:
        folder = Path(name)
        (folder / "passphrase").write_text("four words of the bench")
        figures, details = _measured(folder, arguments)
    report("backup", figures, details)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.backup", description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=float(os.environ.get("GIGABYTES", "1")))
    parser.add_argument("--repeat", type=int, default=int(os.environ.get("REPEAT", "3")))
    return parser.parse_args()


def _measured(folder: Path, arguments: argparse.Namespace) -> tuple[list[Figure], dict[str, object]]:
    platform = _platform(folder, "home")
    try:
        _up(platform.settings, LOG)
        new_member(platform)
        title_id = int(platform.publish(a_film(folder / "film.mp4", "640x360", FILM_S), "film"))
        _fill(platform.settings.home / "mezzanine", arguments.gigabytes)
        first, again, outcomes, load = _losses(folder, platform, title_id, arguments.repeat)
        print(platform.marquee("verify-backup", "--play", timeout_s=3600))
    finally:
        commands.down(platform.settings, say=_silent)
    made = layout.newest(layout.opened(platform.settings.backup))
    gigabytes = made.bytes / 1e9
    print(f"first backup {first:.1f} s for {gigabytes:.2f} GB under load, the next {again:.1f} s")
    for what in ("rpo_s", "restore_s", "rto_s"):
        print(f"{what}: {spread([getattr(each, what) for each in outcomes])}")
    print(f"meanwhile {load.segments} segments, failed: {len(load.failures)} {load.failures[:3]}")
    figures = [
        Figure("backup.seconds_per_gb", first / gigabytes, "s/GB"),
        Figure("backup.unchanged", again, "s"),
        Figure("backup.restore_per_gb", max(each.restore_s for each in outcomes) / gigabytes, "s/GB"),
        Figure("backup.rpo_worst", max(each.rpo_s for each in outcomes), "s"),
        Figure("backup.rto_worst", max(each.rto_s for each in outcomes), "s"),
        Figure("backup.lost_rows_worst", max(each.lost_rows for each in outcomes), "rows"),
        Figure("backup.counts_differ", sum(not each.counts_equal for each in outcomes), "restores"),
        Figure("backup.failed_segments", len(load.failures), "segments"),
    ]
    return figures, {"outcomes": [vars(each) for each in outcomes], "bytes": made.bytes}


def _losses(folder: Path, platform: Platform, title_id: int, repeat: int) -> tuple[float, float, list[Outcome], Load]:
    load, outcomes = Load(), []
    with _loaded(platform, title_id, load):
        first = _timed(lambda: platform.marquee("backup"))
        again = _timed(lambda: platform.marquee("backup"))
    for number in range(repeat):
        here = Load()
        with _loaded(platform, title_id, here):
            time.sleep(platform.settings.backup_wal_s * (1 + number / repeat))  # another place between two carryings
            lost_at = time.time()
            _kill(platform.settings)
        load.segments += here.segments
        outcomes.append(_restored(folder, platform, title_id, f"restored-{number}", here, lost_at))
        _use(platform.settings)
        _up(platform.settings, LOG)
    return first, again, outcomes, load


def _restored(folder: Path, before: Platform, title_id: int, name: str, load: Load, lost_at: float) -> Outcome:
    platform = _platform(folder, name)
    began = time.monotonic()
    try:
        platform.marquee("restore")
        restored = time.monotonic()
        _up(platform.settings)
        client, profile = sign_in(platform.site, EMAIL, PASSWORD)
        player = play(client, profile, title_id)
        decoded_frames(player.beginning() + player.segment(1), player.key())
        played = time.monotonic()
        player.end()
        rows, counts = _rows(platform.settings), _counts(platform.settings)
    finally:
        commands.down(platform.settings, say=_silent)
    back = [at for number, at in load.rows.items() if number in rows]
    _use(before.settings)
    _up(before.settings)
    return Outcome(
        rpo_s=max(0.0, lost_at - max(back, default=0.0)),
        lost_rows=sum(number not in rows for number in load.rows),
        restore_s=restored - began,
        rto_s=played - began,
        counts_equal=counts == _counts(before.settings),
    )


def _platform(folder: Path, name: str) -> Platform:
    values = {
        **free_for_settings(),
        "home": folder / name,
        "backup_url": f"file://{folder}/backups",
        "backup_passphrase_file": folder / "passphrase",
    }
    s = Settings(_env_file=None, **values)  # type: ignore[arg-type]
    _use(s)
    return Platform(s)


def _use(s: Settings) -> None:
    """What commands and servers that start from now on inherit."""
    names = [name for name in Settings.model_fields if name.startswith("port_")]
    chosen = {name: getattr(s, name) for name in (*names, "home", "backup_url", "backup_passphrase_file")}
    os.environ.update(as_environment(chosen | {"edges": {name: {"port": e.port} for name, e in s.edges.items()}}))
    settings.cache_clear()


def _up(s: Settings, *more: str) -> None:
    from marquee.catalogue.database import engine, migrate

    engine(s.database()).dispose()
    commands.up(s, _silent, migrate=lambda: migrate(s.database()), only=(*SERVICES, *more))
    with _connect(s) as connection:
        connection.execute("create table if not exists bench_rows (number bigint primary key)")


def _fill(folder: Path, gigabytes: float) -> None:
    """Sources of random bytes, which nothing shortens."""
    for number in range(round(gigabytes * 1e9 / FILE_BYTES)):
        path = folder / f"random-{number}" / "film.mp4"
        path.parent.mkdir(parents=True)
        path.write_bytes(os.urandom(FILE_BYTES))


@contextmanager
def _loaded(platform: Platform, title_id: int, load: Load) -> Iterator[None]:
    """A member plays and rows are written until the block ends."""
    over = threading.Event()
    client, profile = sign_in(platform.site, EMAIL, PASSWORD)
    player = play(client, profile, title_id)
    threads = [
        threading.Thread(target=_write, args=(platform.settings, load, over)),
        threading.Thread(target=_watch, args=(player, load, over)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _write(s: Settings, load: Load, over: threading.Event) -> None:
    with suppress(psycopg.OperationalError), _connect(s) as connection:
        number = time.time_ns()
        while not over.wait(EVERY_S):
            number += 1
            connection.execute("insert into bench_rows values (%s)", (number,))
            load.rows[number] = time.time()


def _watch(player: Player, load: Load, over: threading.Event) -> None:
    number = 0
    while not over.wait(0.5):
        try:
            player.segment(number % (FILM_S // 4) + 1)
            player.beat(number * 500)
            load.segments += 1
        except MarqueeError as error:
            load.failures.append(str(error))
        number += 1


def _kill(s: Settings) -> None:
    for pid in processes.of_stack(str(s.home), Supervisor(s).leader):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _connect(s: Settings) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(s.database().replace("+psycopg", ""), autocommit=True)


def _rows(s: Settings) -> set[int]:
    with _connect(s) as connection:
        return {int(str(number)) for (number,) in connection.execute("select number from bench_rows")}


def _counts(s: Settings) -> dict[str, int]:
    with _connect(s) as connection:
        found = content.rows(connection)
    return {name: found[name] for name in QUIET_TABLES if name in found}


def _timed(action: object) -> float:
    began = time.monotonic()
    action()  # type: ignore[operator]
    return time.monotonic() - began


def _silent(_: str) -> None:
    """For what need not be said."""


if __name__ == "__main__":
    main()
