"""Queries the marts' Parquet files, each present or not yet built."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from marquee.settings import settings
from marquee.storage import Store

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]
NAMES = (
    "title_daily", "title_engagement", "title_curve", "content_performance", "daily_active", "retention_cohorts",
    "qoe_daily", "search_funnel", "search_misses", "subscription_revenue", "subscription_churn", "trial_conversion",
    "experiment_results", "watched_together", "about",
)  # fmt: skip


class Marts:
    """The marts as views of one connection."""

    def __init__(self, connection: "duckdb.DuckDBPyConnection", store: Store) -> None:
        self._connection = connection
        self.there = {name for name in NAMES if store.exists(f"marts/{name}.parquet")}
        base = store.url.removeprefix("file://").replace("'", "''")
        for name in self.there:
            connection.execute(f"CREATE VIEW {name} AS FROM read_parquet('{base}/marts/{name}.parquet')")

    def rows(self, needs: str, query: str, *values: object) -> list[Row]:
        """The rows of a query; none when one of the marts it needs (names apart by spaces) has not been built."""
        if not set(needs.split()) <= self.there:
            return []
        found = self._connection.execute(query, list(values))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def row(self, needs: str, query: str, *values: object) -> Row:
        """The first row, empty when there is none."""
        return next(iter(self.rows(needs, query, *values)), {})


@contextmanager
def opened() -> Iterator[Marts]:
    """The marts as they are at this moment."""
    import duckdb

    store = Store(settings().warehouse)
    with duckdb.connect(":memory:", config={"memory_limit": "512MB", "threads": 1}) as connection:
        if not store.url.startswith("file://"):
            connection.register_filesystem(store.fs)
        yield Marts(connection, store)
