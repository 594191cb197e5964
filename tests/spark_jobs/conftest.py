"""One Spark session for all tests, and a lake of the test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from marquee.contracts.lake import Table
from marquee.settings import settings
from spark_jobs.tables import schema, shaped

Frame = Callable[[Table, list[dict[str, Any]]], DataFrame]
Rows = Callable[[Table, DataFrame], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MARQUEE_HOME", str(tmp_path_factory.mktemp("spark")))
        patch.setenv("MARQUEE_SPARK_MASTER", "local[2]")
        settings.cache_clear()
        from spark_jobs.session import spark_session

        session = spark_session("tests")
    settings.cache_clear()
    session.conf.set("spark.sql.shuffle.partitions", "3")
    yield session
    session.stop()


@pytest.fixture
def frame(spark: SparkSession) -> Frame:
    return lambda table, rows: spark.createDataFrame(rows, schema(table))


@pytest.fixture
def rows() -> Rows:
    """A frame's rows as plain dictionaries, sorted by the table's key."""

    def collect(table: Table, frame: DataFrame) -> list[dict[str, Any]]:
        found = [row.asDict(recursive=True) for row in shaped(table, frame).collect()]
        return sorted(found, key=lambda row: [row[name] for name in table.key])

    return collect


@pytest.fixture
def lake_home(spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty lake, and the settings that lead to it."""
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MARQUEE_SPARK_MASTER", "local[2]")
    settings.cache_clear()
    yield tmp_path / "home"
    monkeypatch.undo()
    settings.cache_clear()
