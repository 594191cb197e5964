"""Laws of the build: what the lake holds decides, and nothing else."""

import os
import shutil
import signal
import subprocess
import sys
from datetime import date

import duckdb
import pytest

from marquee.settings import settings
from marquee.viewing.warehouse import reading
from marquee.viewing.warehouse.build import build
from tests.viewing.warehouse.conftest import World, day_of, marts_of

STREAMS = ("events", "browse", "playbacks", "sessions")


def test_the_same_lake_gives_the_same_bytes_however_its_rows_lie(built, world, write_lake) -> None:
    first = marts_of(built)
    write_lake(world, files=2, copies=2, shuffled=7)
    rows = build().marts
    second = marts_of(built)
    assert {name for name in first if first[name] != second[name]} == {"event_log_daily.parquet"}  # it counts copies
    assert all(rows.values()), rows


@pytest.mark.slow
def test_days_that_come_one_after_another_give_what_all_at_once_give(home, world, write_lake) -> None:
    """A day whose events came late included, and one whose viewing is all gone."""

    def without(day: str) -> World:
        return {
            name: [row for row in rows if name not in STREAMS or day_of(row, name) != day]
            for name, rows in world.items()
        }

    write_lake(without("2026-03-05"))
    build()
    for table in STREAMS:
        shutil.rmtree(home / "lake" / table / "dt=2026-03-09")
    write_lake(without("2026-03-09"))
    changed = build([date(2026, 3, 5), date(2026, 3, 9)])
    assert changed.days == tuple(date(2026, 3, day) for day in (4, 5, 6, 7, 8, 9, 10, 11))
    day_by_day = marts_of(home)
    build()
    assert day_by_day == marts_of(home)


@pytest.mark.parametrize("audience", ["real", "simulated"])
def test_real_and_simulated_viewers_are_kept_apart(built, world, monkeypatch, audience) -> None:
    monkeypatch.setenv("MARQUEE_AUDIENCE", audience)
    settings.cache_clear()
    assert build([date(2026, 3, 3)]).days == ()  # what was counted before is of no use
    simulated = audience == "simulated"
    counted = {row["profile_id"] for row in world["sessions"] if (row["origin"] == "simulated") == simulated}
    with reading.connect() as connection:
        query = "select profile_id from viewing_history where origin <> 'imported'"
        seen = {profile for (profile,) in connection.execute(query).fetchall()}
        about = dict(connection.execute("from about").fetchall())
    assert seen == counted
    assert about["audience"] == audience
    assert float(about["simulated_share"]) == simulated


BUILDER = "from marquee import logs; from marquee.viewing.warehouse.build import build; logs.configure(); build()"


@pytest.mark.slow
def test_a_killed_build_leaves_the_earlier_one_and_the_next_makes_the_same_bytes(home, world, write_lake) -> None:
    """Killed as models begin to be made, and as the last of them are tested."""
    write_lake({name: rows for name, rows in world.items() if name in ("titles", "profiles")})
    build()
    earlier, file = marts_of(home), (home / "warehouse" / reading.NAME).read_bytes()
    write_lake(world)
    for sign in ("model=stg_titles", "model=top10"):
        _kill_when(sign)
        assert marts_of(home) == earlier
        assert (home / "warehouse" / reading.NAME).read_bytes() == file
        with reading.connect() as connection:
            assert connection.execute("select count(*) from title_daily").fetchall() == [(0,)]
    build()
    assert marts_of(home) != earlier
    assert not (home / "warehouse" / ".building").exists()


def test_a_reader_keeps_what_it_opened_be_it_empty(home, world, write_lake) -> None:
    assert {name for name, rows in build().marts.items() if rows} == {"about"}
    assert duckdb.sql(f"from '{home}/warehouse/marts/top10.parquet'").columns == [
        "territory", "rank", "title_id", "plays",
    ]  # fmt: skip
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
