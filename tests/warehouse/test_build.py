"""Laws of the build: what the lake holds decides, and nothing else."""

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from marquee.contracts.errors import NotFound
from marquee.settings import settings
from marquee.warehouse import reading
from marquee.warehouse.build import build
from tests.warehouse.conftest import day_of, marts_of


def test_the_same_lake_gives_the_same_bytes_however_its_rows_lie(home, world, write_lake) -> None:
    write_lake(world)
    built = build()
    first = marts_of(home)
    write_lake(world, files=2, copies=2, shuffled=7)
    assert build().marts == built.marts
    second = marts_of(home)
    copied = {"event_log_daily.parquet"}  # it counts the copies
    assert {name for name in first if first[name] != second[name]} == copied
    assert all(built.marts[name] for name in built.marts if name != "retention_cohorts"), built.marts


@pytest.mark.slow
def test_days_that_come_one_after_another_give_what_all_at_once_give(home, world, write_lake) -> None:
    """Late events for a day that was made before included; so is a day whose viewing is all gone."""
    streams = ("events", "browse", "playbacks", "sessions")
    early = {
        name: [row for row in rows if name not in streams or day_of(row, name) != "2026-03-05"]
        for name, rows in world.items()
    }
    write_lake(early)
    build()
    write_lake(world)
    added = build([date(2026, 3, 5)])
    assert added.days == tuple(date(2026, 3, day) for day in (4, 5, 6, 7))
    grown = marts_of(home)
    build()
    assert grown == marts_of(home)
    for table in streams:
        for key in list(_lake_keys(home, f"{table}/dt=2026-03-05")):
            key.unlink()
    build([date(2026, 3, 5)])
    shrunk = marts_of(home)
    build()
    assert shrunk == marts_of(home)


def test_an_empty_lake_gives_empty_marts(home) -> None:
    built = build()
    assert {name for name, rows in built.marts.items() if rows} == {"about"}
    assert duckdb.sql(f"from '{home}/warehouse/marts/title_daily.parquet'").columns == [
        "dt", "title_id", "country", "plays", "viewers", "watched_s", "completions",
    ]  # fmt: skip


@pytest.mark.parametrize("audience", ["real", "simulated"])
def test_real_and_simulated_viewers_are_kept_apart(home, world, write_lake, monkeypatch, audience) -> None:
    write_lake(world)
    build()
    monkeypatch.setenv("MARQUEE_AUDIENCE", audience)
    settings.cache_clear()
    assert build([date(2026, 3, 3)]).days == ()  # what was counted before is of no use
    counted = {
        row["profile_id"] for row in world["sessions"] if (row["origin"] == "simulated") == (audience == "simulated")
    }
    with reading.connect() as connection:
        seen = {
            profile
            for (profile,) in connection.execute(
                "select profile_id from viewing_history where profile_id <> 5"
            ).fetchall()
        }
        about = dict(connection.execute("from about").fetchall())
    assert seen == counted
    assert about["audience"] == audience
    assert float(about["simulated_share"]) == (1 if audience == "simulated" else 0)


BUILDER = "from marquee.warehouse.build import build; build()"


@pytest.mark.slow
def test_a_killed_build_leaves_the_earlier_one_and_the_next_makes_the_same_bytes(home, world, write_lake) -> None:
    """Killed at several points of its way: while parsing, while models are made, while tests run."""
    days = sorted({day_of(row, "sessions") for row in world["sessions"]})
    write_lake({name: rows for name, rows in world.items() if name in ("titles", "profiles")})
    build()
    earlier, file = marts_of(home), (home / "warehouse" / reading.NAME).read_bytes()
    write_lake(world)
    for sign in ("model=stg_titles", "model=int_curve_steps", "model=top10"):
        _kill_when(sign)
        assert marts_of(home) == earlier
        assert (home / "warehouse" / reading.NAME).read_bytes() == file
        with reading.connect() as connection:
            assert connection.execute("select count(*) from title_daily").fetchall() == [(0,)]
    build()
    after = marts_of(home)
    assert after != earlier
    build([date.fromisoformat(day) for day in days])
    assert marts_of(home) == after
    assert not (home / "warehouse" / ".building").exists()


def test_an_open_reader_keeps_what_it_opened(home, world, write_lake) -> None:
    with pytest.raises(NotFound):
        reading.connect()
    build()
    with reading.connect() as old:
        write_lake(world)
        build()
        assert old.execute("select count(*) from title_daily").fetchall() == [(0,)]
        with reading.connect() as new:
            assert new.execute("select sum(plays) from title_daily").fetchall() == [(len(world["sessions"]),)]


def _kill_when(sign: str) -> None:
    """Start a build in a process of its own and kill it outright when its log shows the sign."""
    process = subprocess.Popen(
        [sys.executable, "-c", BUILDER], stderr=subprocess.PIPE, text=True, env=os.environ, process_group=0
    )
    try:
        assert process.stderr is not None
        seen = next((line for line in process.stderr if sign in line), None)
        assert seen, f"the build ended before it said {sign}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _lake_keys(home: Path, prefix: str) -> list[Path]:
    return sorted((home / "lake" / prefix).rglob("*.parquet"))
