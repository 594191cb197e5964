"""Runs dbt inside this process; the project is parsed once."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from marquee.contracts.errors import ToolFailed
from marquee.contracts.lake import LEAST_ASKERS
from marquee.logs import log
from marquee.settings import settings
from marquee.storage import replacing

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

PROJECT = Path(__file__).resolve().parents[3] / "dbt"
FOLDERS = ("macros", "models", "tests")
_PARSED: "dict[str, Manifest]" = {}  # by the digest of the files


@dataclass(frozen=True)
class Node:
    """What dbt said of one model or test. `sql` is its query as it was compiled."""

    name: str
    kind: str  # model, test, unit_test, operation
    status: str
    failures: int
    message: str
    sql: str

    @property
    def failed(self) -> bool:
        return self.status in ("error", "fail", "runtime error")


def build(database: Path, days: Collection[date], as_of: date | None) -> list[Node]:
    """Run and test all models in a DuckDB file; daily tables for the given days only, where there are any.

    A failed model or test is in the answer, not raised. Raises ToolFailed when dbt could not begin.
    """
    variables = {
        "audience": str(settings().counted),
        "days": [day.isoformat() for day in sorted(days)],
        "as_of": as_of.isoformat() if as_of else "",
        "least_askers": LEAST_ASKERS,
        "lake": settings().lake.removeprefix("file://"),
    }
    arguments = ["build", "--exclude-resource-type", "unit_test", "--vars", json.dumps(variables)]
    return [_node(found) for found in invoke(database, arguments, manifest(database)).results]


def invoke(database: Path, arguments: Sequence[str], parsed: "Manifest | None" = None) -> Any:
    """Run one dbt command against a DuckDB file; returns what it answers with. Raises ToolFailed if it ends early."""
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner(manifest=parsed, callbacks=[_tell]).invoke([*arguments, *_options(database)])
    _close()
    if outcome.exception or outcome.result is None:
        raise ToolFailed(f"dbt {arguments[0]} ended early: {outcome.exception}", where=str(PROJECT))
    return outcome.result


def manifest(database: Path) -> "Manifest":
    """The project as parsed; a process parses it once, and the next one reads what this one has kept."""
    digest = _digest()
    if digest not in _PARSED:
        _PARSED[digest] = invoke(database, ["parse"])
    return _PARSED[digest]


def target() -> Path:
    """The folder of dbt's own files."""
    return settings().home / "cache" / "dbt"


def fingerprint() -> str:
    """Changes with the project's files and with whose viewing counts: then no table can be carried on."""
    return sha256(f"{_digest()} {settings().counted} {settings().lake}".encode()).hexdigest()


def _digest() -> str:
    """Changes with any of the project's files."""
    files = [PROJECT / "dbt_project.yml", *(f for name in FOLDERS for f in sorted((PROJECT / name).rglob("*.*")))]
    digest = sha256()
    for file in files:
        digest.update(f"\n{file.relative_to(PROJECT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def marts(database: Path) -> list[str]:
    """The names of the marts, sorted."""
    nodes = manifest(database).nodes.values()
    return sorted(node.name for node in nodes if str(node.resource_type) == "model" and "marts" in node.fqn)


def _options(database: Path) -> list[str]:
    profiles = target() / "profiles"
    with replacing(profiles / "profiles.yml") as file:
        file.write_text(yaml.safe_dump(_profile(database)))
    folders = {"--project-dir": PROJECT, "--profiles-dir": profiles, "--target-path": target(), "--log-path": target()}
    quiet = [
        "--quiet",
        "--no-write-json",
        "--log-level",
        "none",
        "--log-level-file",
        "none",
        "--no-send-anonymous-usage-stats",
    ]
    return [*quiet, *(part for name, folder in folders.items() for part in (name, str(folder)))]


def _profile(database: Path) -> dict[str, Any]:
    """dbt's profile for a DuckDB file. A lake elsewhere is read through the file system that fsspec has for it."""
    profile: dict[str, Any] = yaml.safe_load((PROJECT / "profiles.yml").read_text())
    output = profile["marquee"]["outputs"]["duckdb"] | {"path": str(database)}
    protocol = settings().lake.partition("://")[0]
    if protocol != "file":
        output["filesystems"] = [{"fs": protocol}]
    return {"marquee": {"target": "duckdb", "outputs": {"duckdb": output}}}


def _node(found: Any) -> Node:
    node = found.node
    sql = getattr(node, "compiled_code", None) or ""
    return Node(node.name, str(node.resource_type), str(found.status), found.failures or 0, found.message or "", sql)


def _close() -> None:
    """Let go of the file: while the adapter holds it, the next build in this process would go on with this one's."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    close: Callable[[], None] = DuckDBConnectionManager.close_all_connections
    close()


def _tell(event: Any) -> None:
    """Say which models are made; tests are many, and told when they fail."""
    if event.info.name == "LogModelResult":
        log.info("model made", model=event.data.node_info.node_name, seconds=round(event.data.execution_time, 2))
