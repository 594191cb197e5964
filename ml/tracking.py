"""MLflow tracking: the only module that opens a run."""

import ast
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from marquee.contracts.errors import ToolFailed
from marquee.settings import settings
from marquee.tools.process import run as run_process

QUIET = {
    "DO_NOT_TRACK": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
BATCH = 100  # metrics sent at once
ROOT = Path(__file__).parent


def mlflow() -> ModuleType:
    """The library, bound to the tracking server of the settings. Importing it takes seconds."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    import mlflow as library

    library.set_tracking_uri(settings().mlflow)
    return library


def client() -> Any:
    """An MlflowClient."""
    return mlflow().MlflowClient()


@contextmanager
def run(experiment: str, name: str, tags: Mapping[str, str] | None = None) -> Iterator[str]:
    """A run that ends with the block, as failed when that raises; yields its id."""
    library = mlflow()
    library.set_experiment(experiment)
    library.set_experiment_tag("mlflow.experimentKind", "custom_model_development")  # the kind of page it is shown on
    with library.start_run(run_name=name, tags={"code": code_version(), **(tags or {})}) as active:
        yield active.info.run_id


@contextmanager
def nested(name: str, tags: Mapping[str, str] | None = None) -> Iterator[str]:
    """A run within the present one; yields its id."""
    with mlflow().start_run(run_name=name, nested=True, tags=dict(tags or {})) as active:
        yield active.info.run_id


def params(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested parameters as dotted names, e.g. `lightfm.epochs`."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= params(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return flat


def finite(metrics: Mapping[str, float]) -> dict[str, float]:
    """The metrics that are numbers (of an empty cohort there are none), under names that MLflow takes."""
    named = ((re.sub(r"[^\w .:/-]", "_", name), float(value)) for name, value in metrics.items())
    return {name: value for name, value in named if abs(value) < float("inf")}


@contextmanager
def series(prefix: str) -> Iterator[Callable[[str, int, Mapping[str, float]], None]]:
    """A function to report metrics by model and step with: `<prefix>.<model>.<metric>` of the present run.

    They are sent in batches, the last when the block ends: one by one they would take longer than small models do.
    """
    from mlflow.entities import Metric

    run_id, waiting = mlflow().active_run().info.run_id, []

    def flush() -> None:
        client().log_batch(run_id, metrics=waiting)
        waiting.clear()

    def on_progress(model: str, step: int, metrics: Mapping[str, float]) -> None:
        at_ms = round(1000 * time.time())
        values = finite({f"{prefix}.{model}.{name}": value for name, value in metrics.items()})
        waiting.extend(Metric(name, value, at_ms, step) for name, value in values.items())
        if len(waiting) >= BATCH:
            flush()

    try:
        yield on_progress
    finally:
        flush()


def read_json(run_id: str, path: str) -> Any:
    """A JSON artifact of a run."""
    with fetched(run_id, path) as file:
        return json.loads(file.read_text())


@contextmanager
def fetched(run_id: str, path: str) -> Iterator[Path]:
    """A copy of an artifact (file or folder) of a run, for as long as the block lasts."""
    with TemporaryDirectory(prefix="marquee-mlflow-") as folder:
        yield Path(mlflow().artifacts.download_artifacts(run_id=run_id, artifact_path=path, dst_path=folder))


@contextmanager
def fetched_model(model: str, version: int) -> Iterator[Path]:
    """A copy of the folder that a registered version was logged with, for as long as the block lasts."""
    with TemporaryDirectory(prefix="marquee-mlflow-") as folder:
        uri = f"models:/{model}/{version}"
        place = Path(mlflow().artifacts.download_artifacts(artifact_uri=uri, dst_path=folder))
        yield place / "artifacts" / "model"


@lru_cache
def code_version() -> str:
    """The commit, where this is a checkout of one; and in any case the package's version and the hash of its models."""
    known = f"marquee {version('marquee')}, models {source_hash(ROOT)[:12]}"
    try:
        commit = run_process(["git", "-C", str(ROOT), "rev-parse", "HEAD"], timeout_s=10).stdout.decode().strip()
    except (ToolFailed, OSError):
        return known
    return f"{commit[:12]}, {known}"


def source_hash(folder: Path) -> str:
    """Hex SHA-256 over what the Python files of a folder do: neither comments nor layout change it."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(f"{path.relative_to(folder)}\n{ast.dump(ast.parse(path.read_text()))}\n".encode())
    return digest.hexdigest()


def folder_hash(folder: Path) -> str:
    """Hex SHA-256 over the names and contents of the files in a folder."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()
