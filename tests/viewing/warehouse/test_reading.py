"""Analysts read; nothing they say changes what is published."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from marquee.contracts.errors import InvalidInput, NotFound
from marquee.viewing.warehouse import charts, reading
from marquee.viewing.warehouse.dbt_docs import docs_site

QUERY = "select title_id, name, plays, completion_mean from title_engagement order by plays desc, title_id limit 3"


def test_the_published_file_answers_and_refuses(built, world) -> None:
    columns, rows = reading.sql(QUERY)
    assert columns == ["title_id", "name", "plays", "completion_mean"]
    objects = json.loads(reading.run_sql(QUERY, format="json"))
    assert [(int(o["title_id"]), o["plays"], o["completion_mean"]) for o in objects] == [
        (r[0], r[2], r[3]) for r in rows
    ]
    assert isinstance(objects[0]["title_id"], str)
    told = list(csv.DictReader(io.StringIO(reading.run_sql(QUERY, format="csv"))))
    assert [line["name"] for line in told] == [row[1] for row in rows]
    assert reading.run_sql(QUERY).splitlines()[-1] == "(3 rows)"
    assert reading.run_sql("select 1 as a where false").splitlines() == ["a", "─", "(0 rows)"]
    assert reading.sql("select sum(plays) from title_daily")[1] == [(len(world["sessions"]),)]
    for text in (
        "delete from title_daily", "create table x as select 1", "copy about to '/tmp/x.csv'", "attach 'x.db'",
        "select 1; drop table about", "", "select nothing from about", "set memory_limit = '1GB'",
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            reading.run_sql(text)
    _charts_are_ranked_and_whole(world)
    _docs_ask_nobody(built)


def _charts_are_ranked_and_whole(world) -> None:
    found = charts.entries()
    lists: dict[tuple[str, str], list[charts.Entry]] = {}
    for entry in found:
        lists.setdefault((entry["chart"], entry["territory"]), []).append(entry)
    assert {("top10", "*"), ("trending", "*"), ("gems", "*"), ("leaving", "*")} <= set(lists)
    for (chart, _), entries in lists.items():
        ordered = sorted(entries, key=lambda entry: entry["rank"])
        assert [entry["rank"] for entry in ordered] == list(range(1, len(entries) + 1))
        values = [entry["value"] for entry in ordered]
        assert values == sorted(values, reverse=chart != "leaving")
        assert len({entry["title_id"] for entry in entries}) == len(entries)
    today = midnight_ms("2026-03-10")
    leaving = [row for row in world["titles"] if today < (row["available_until_ms"] or 0) <= today + 29 * 86_400_000]
    leaving.sort(key=lambda row: row["available_until_ms"])
    assert [entry["title_id"] for entry in lists["leaving", "*"]] == [row["title_id"] for row in leaving]
    assert leaving
    assert len(lists["top10", "*"]) == 10


def midnight_ms(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)


def _docs_ask_nobody(home) -> None:
    page = (home / "warehouse" / docs_site()).read_text()
    assert "Content-Security-Policy" in page
    assert "title_curve" in page


def test_before_the_first_build_there_is_nothing(home) -> None:
    for read in (reading.connect, charts.entries, docs_site):
        with pytest.raises(NotFound, match="no warehouse yet"):
            read()
