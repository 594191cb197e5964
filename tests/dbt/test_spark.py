"""The same models on Spark give the same rows."""

import json
from pathlib import Path

import duckdb
import pytest

from marquee.contracts.lake import TABLES
from marquee.viewing.warehouse import dbt
from tests.viewing.warehouse.conftest import built_once, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
__all__ = ["built_once", "world"]  # pytest finds fixtures by name


@pytest.fixture
def spark(tmp_path, monkeypatch):
    """A session without a metastore; dbt's session method takes the one there is."""
    from pyspark.sql import SparkSession

    monkeypatch.setenv("MARQUEE_DBT_TARGET", "spark")
    options = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": str(tmp_path / "spark-warehouse"),
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def test_spark_and_duckdb_make_the_same_marts(spark, built_once: Path, tmp_path: Path) -> None:
    from dbt.cli.main import dbtRunner

    lake = built_once / "lake"
    variables = {"lake": str(lake), "missing": [name for name in TABLES if not (lake / name).is_dir()]}
    folders = ["--project-dir", str(dbt.PROJECT), "--profiles-dir", str(dbt.PROJECT)]
    scratch = ["--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "log"), "--quiet"]
    outcome = dbtRunner().invoke(["run", *folders, *scratch, "--vars", json.dumps(variables)])
    assert outcome.success, outcome.exception or [r.message for r in outcome.result if str(r.status) != "success"]
    marts = [found.node.name for found in outcome.result.results if "marts" in found.node.fqn]
    with duckdb.connect(str(built_once / "warehouse" / "marquee.duckdb"), read_only=True) as connection:
        for name in marts:
            ours = connection.execute(f"from main.{name}")
            columns = [column[0] for column in ours.description]
            theirs = [tuple(row) for row in spark.table(f"main.{name}").select(*columns).collect()]
            assert _plain(theirs) == _plain(ours.fetchall()), name
    assert len(marts) >= 16


def _plain(rows: list[tuple]) -> list[str]:
    """Rows in one order, with numbers to twelve places: the engines sum in another order."""
    return sorted(str([f"{v:.12g}" if isinstance(v, float) else v for v in row]) for row in rows)
