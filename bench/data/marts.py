"""The marts through dbt against the same SQL bare in DuckDB: same lake, same machine, one run, equal rows.

What dbt is given to do is `dbt run`: every model, no tests. Its process is warm: dbt is imported and the project is
parsed, which is timed apart. The bare side runs the statements that dbt compiled, in dbt's order, with DuckDB's
settings of the profile. Per event the marts count each stream's distinct places (int_event_streams); everything else
works on playbacks, sessions and visits.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.figures import Figure
from marquee.settings import settings
from marquee.tools.process import run as run_program
from marquee.viewing.warehouse import dbt
from marquee.viewing.warehouse.reading import NAME

COLD = (
    "import sys; from pathlib import Path; from marquee.viewing.warehouse import dbt; dbt.manifest(Path(sys.argv[1]))"
)
MEMORY = os.environ.get("MARQUEE_DBT_MEMORY", "2GB")  # as in the profile


@dataclass(frozen=True)
class Measured:
    """Seconds. `cold_s`: a process that starts, imports dbt and reads the project for the first time."""

    events: int
    cold_s: float
    dbt_s: float
    bare_s: float
    equal: bool

    def figures(self, size: str) -> list[Figure]:
        return [
            Figure(f"data.dbt_vs_bare_{size}", self.dbt_s / self.bare_s, "ratio"),
            Figure(f"data.dbt_{size}", self.dbt_s, "s"),
            Figure(f"data.dbt_bare_{size}", self.bare_s, "s"),
            Figure(f"data.dbt_cold_{size}", self.cold_s, "s"),
            Figure(f"data.dbt_equal_{size}", float(self.equal), "bool"),
        ]


def run(lake_folder: Path, scratch: Path) -> Measured:
    """Measure on a lake that holds events, playbacks and sessions. Raises ToolFailed when a model cannot be made."""
    with _home(lake_folder, scratch):
        ours, bare = scratch / "dbt" / NAME, scratch / "bare" / NAME
        for database in (ours, bare):
            database.parent.mkdir(parents=True)
        cold_s = run_program([sys.executable, "-c", COLD, str(ours)], timeout_s=600).seconds
        parsed = dbt.manifest(ours)
        variables = json.dumps({"lake": str(lake_folder), "audience": "all"})
        began = time.monotonic()
        results = dbt.invoke(ours, ["run", "--vars", variables], parsed).results
        dbt_s = time.monotonic() - began
        nodes = [found.node for found in results if str(found.node.resource_type) == "model"]
        bare_s = _bare(bare, ours, nodes)
        marts = dbt.marts(ours)
        equal = checksums(ours, marts) == checksums(bare, marts)
        return Measured(_events(lake_folder), cold_s, dbt_s, bare_s, equal)


def checksums(database: Path, marts: list[str]) -> dict[str, Any]:
    """Rows and the sum of their hashes, by mart."""
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        query = 'select count(*), sum(hash(m)::hugeint) from main."{}" as m'
        return {name: connection.execute(query.format(name)).fetchall() for name in marts}


def _bare(database: Path, ours: Path, nodes: list[Any]) -> float:
    """Run what dbt has compiled; the lake's views are dbt's, made before the clock starts."""
    import duckdb

    with duckdb.connect(str(ours), read_only=True) as connection:
        views = connection.execute("select sql from duckdb_views() where schema_name = 'lake'").fetchall()
    with duckdb.connect(str(database)) as connection:
        for schema in ("lake", "staging", "intermediate"):
            connection.execute(f"create schema {schema}")
        for (view,) in views:
            connection.execute(view)
        connection.execute(f"set memory_limit = '{MEMORY}'")
        began = time.monotonic()
        for node in nodes:
            kind = "view" if node.config.materialized == "view" else "table"
            connection.execute(f"create {kind} {node.relation_name} as {node.compiled_code}")
        return time.monotonic() - began


def _events(lake_folder: Path) -> int:
    import duckdb

    ((count,),) = duckdb.sql(f"select count(*) from '{lake_folder}/events/*/*/*.parquet'").fetchall()  # noqa: S608
    return int(count)


@contextmanager
def _home(lake_folder: Path, scratch: Path) -> Iterator[None]:
    """Marquee's folders in the scratch folder, for this measurement alone."""
    folders = {"MARQUEE_HOME": str(scratch / "home"), "MARQUEE_LAKE_URL": f"file://{lake_folder}"}
    with patch.dict(os.environ, folders):
        settings.cache_clear()
        yield
    settings.cache_clear()
