"""What must never be published: each fault is caught by the test that is named for it, and the earlier build stays."""

import shutil

import pytest

from marquee.contracts.errors import GateFailed
from marquee.viewing.warehouse import dbt
from marquee.viewing.warehouse.build import build
from tests.viewing.warehouse.conftest import day_of, marts_of


@pytest.mark.parametrize(
    ("lost", "caught_by"),
    [
        ("sessions", "sessions_hold_all_viewing"),
        ("playbacks", "playbacks_hold_every_stream"),
    ],
)
def test_a_dropped_partition_is_caught(home, world, write_lake, lost, caught_by) -> None:
    write_lake(world)
    shutil.rmtree(home / "lake" / lost / "dt=2026-03-05")
    with pytest.raises(GateFailed, match=caught_by) as caught:
        build()
    assert not (home / "warehouse" / "marquee.duckdb").exists()
    missing = [row for row in world["playbacks"] if day_of(row, "playbacks") == "2026-03-05"]
    assert any(
        str(row["session_id"]) in str(caught.value) or str(row["title_id"]) in str(caught.value) for row in missing
    )


@pytest.mark.slow
def test_a_lost_hour_of_the_log_is_caught(home, world, write_lake) -> None:
    write_lake(world)
    hours = sorted((home / "lake" / "events" / "dt=2026-03-05").iterdir())
    shutil.rmtree(hours[len(hours) // 2])
    with pytest.raises(GateFailed, match="playbacks_come_from_the_log"):
        build()


def test_titles_that_nobody_knows_are_caught_and_the_earlier_build_stays(built, world, write_lake) -> None:
    earlier = marts_of(built)
    write_lake(world | {"titles": [row | {"title_id": row["title_id"] + 1} for row in world["titles"]]})
    with pytest.raises(GateFailed, match="titles_are_known"):
        build()
    assert marts_of(built) == earlier


@pytest.mark.parametrize(
    ("model", "whole", "broken", "caught_by"),
    [
        (
            "marts/title_daily.sql",
            "from {{ ref('int_sessions') }}\n",
            "from {{ ref('int_sessions') }} inner join (select distinct profile_id as p from {{ ref('stg_browse') }}"
            " where name = 'search') as b on profile_id = b.p\n",
            "title_daily_holds_all_sessions",
        ),
        (
            "intermediate/int_curve_steps.sql",
            "inner join sessions as s on x.viewing_session_id = s.viewing_session_id",
            "inner join sessions as s on x.viewing_session_id <= s.viewing_session_id",
            "curve_holds_what_was_covered",
        ),
    ],
)
@pytest.mark.slow
def test_a_broken_join_is_caught(home, world, write_lake, monkeypatch, model, whole, broken, caught_by) -> None:
    project = home / "dbt"
    shutil.copytree(dbt.PROJECT, project)
    file = project / "models" / model
    assert whole in file.read_text()
    file.write_text(file.read_text().replace(whole, broken))
    monkeypatch.setattr(dbt, "PROJECT", project)
    write_lake(world)
    with pytest.raises(GateFailed, match=caught_by):
        build()
