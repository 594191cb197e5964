"""The project against what it stands on and what stands on it."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from marquee.contracts.lake import LEAST_ASKERS, TABLES
from marquee.settings import Audience, settings
from marquee.viewing.warehouse import dbt
from marquee.viewing.warehouse.reading import NAME

PARTITIONS = {"dt": "DATE", "hour": "VARCHAR", "source": "VARCHAR"}
READ_BY_OTHERS = {
    "title_daily": "dt title_id country plays viewers watched_s completions",
    "viewing_history": "profile_id title_id origin first_ms last_ms plays watched_s completion completed",
    "title_engagement": "title_id name plays viewers watched_s completion_mean completion_rate abandon_rate",
    "title_curve": "title_id percent watched share drop_offs",
    "content_performance": "title_id name genres published_ms plays_7d plays_28d viewers_28d watched_s_28d share_28d"
    " trend",
    "daily_active": "dt dau wau mau plays watched_s new_viewers",
    "retention_cohorts": "cohort_week week size active retention",
    "qoe_daily": "dt edge device isp attempts starts startup_p50_ms startup_p95_ms exits_before_start start_failures"
    " refused fatal rebuffer_ratio bitrate_mean dropped",
    "search_funnel": "dt searches with_results selected played",
    "search_misses": "query territory language times askers days first_day last_day",
    "subscription_revenue": "month plan currency subscribers paid_minor refunded_minor failed",
    "subscription_churn": "month plan at_start gained returned changed_in changed_out lost_voluntarily"
    " lost_involuntarily at_end churn",
    "trial_conversion": "week plan begun converted ended running days_to_convert rate",
    "experiment_results": "experiment arm profiles exposed played rate low high lift lift_low lift_high",
    "top10": "territory rank title_id plays",
    "trending": "territory rank title_id score",
    "watched_together": "title_id rank other_id other_name viewers",
    "gems": "territory rank title_id score",
    "leaving": "territory rank title_id until_ms",
    "about": "key value",
}


def documents() -> dict[Path, dict]:
    return {file: yaml.safe_load(file.read_text()) for file in (dbt.PROJECT / "models").rglob("*.yml")}


def models() -> dict[str, dict]:
    return {model["name"]: model for found in documents().values() for model in found.get("models", [])}


def test_the_sources_are_the_lakes_tables() -> None:
    (source,) = yaml.safe_load((dbt.PROJECT / "models" / "sources.yml").read_text())["sources"]
    declared = {table["name"]: table for table in source["tables"]}
    assert set(declared) == set(TABLES)
    for name, table in TABLES.items():
        assert tuple(declared[name]["config"]["meta"]["partitions"]) == table.partitions
        columns = {column["name"]: column["data_type"] for column in declared[name]["columns"]}
        assert columns == table.columns | {partition: PARTITIONS[partition] for partition in table.partitions}
        assert list(columns) == [*table.columns, *table.partitions]
    assert declared["events"]["config"]["freshness"]


def test_dbt_counts_whom_the_settings_count() -> None:
    clauses = (dbt.PROJECT / "macros" / "counting.sql").read_text().split("audience == ")[1:]
    spelt = {clause.split("'")[1]: re.findall(r"'(\w+)'", clause.split("%}")[1]) for clause in clauses}
    assert spelt == {"all": [], **{each: list(each.origins) for each in (Audience.REAL, Audience.SIMULATED)}}


def test_dbt_by_hand_withholds_what_builds_do() -> None:
    project = yaml.safe_load((dbt.PROJECT / "dbt_project.yml").read_text())
    assert project["vars"]["least_askers"] == LEAST_ASKERS


def test_every_model_is_described_beside_its_sql() -> None:
    for file in (dbt.PROJECT / "models").rglob("*.sql"):
        (model,) = yaml.safe_load(file.with_suffix(".yml").read_text())["models"]
        assert model["name"] == file.stem
        assert model["description"]


def test_marts_keep_the_columns_that_others_read() -> None:
    known = models()
    for name, columns in READ_BY_OTHERS.items():
        promised = [column["name"] for column in known[name]["columns"]]
        assert set(columns.split()) <= set(promised), name
        assert all(column["data_type"] for column in known[name]["columns"]), name


def test_no_folder_hides_dbt_itself() -> None:
    assert not list(dbt.PROJECT.rglob("__init__.py"))


@pytest.mark.slow
def test_the_unit_tests_hold(tmp_path, monkeypatch) -> None:
    """Each by its rows; they need the tables of the models before them, which an empty lake gives."""
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path))
    settings.cache_clear()
    try:
        database = tmp_path / NAME
        parsed = dbt.manifest(database)
        dbt.invoke(database, ["run"], parsed)
        results = dbt.invoke(database, ["test", "--select", "test_type:unit"], parsed).results
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    held = {found.node.name: str(found.status) for found in results if str(found.node.resource_type) == "unit_test"}
    assert len(held) >= 5
    assert set(held.values()) == {"pass"}, held


def test_a_project_elsewhere_is_another_project(tmp_path, monkeypatch) -> None:
    before = dbt.fingerprint()
    shutil.copytree(dbt.PROJECT, tmp_path / "dbt")
    monkeypatch.setattr(dbt, "PROJECT", tmp_path / "dbt")
    assert dbt.fingerprint() == before
    (tmp_path / "dbt" / "models" / "marts" / "about.sql").write_text("select 1 as one")
    assert dbt.fingerprint() != before
