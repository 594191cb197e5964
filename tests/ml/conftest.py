"""A real MLflow for the run: PostgreSQL behind it, artifacts as files."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from marquee.embedded.ports import free

WAIT_S = 90


@pytest.fixture(scope="package")
def _mlflow(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("mlflow")
    with psycopg.connect(f"{postgres_url}/postgres", autocommit=True) as connection:
        connection.execute("create database mlflow")
    url = f"http://127.0.0.1:{free(1)[0]}"
    argv = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", url.rpartition(":")[2]]
    argv += ["--backend-store-uri", f"{postgres_url.replace('postgresql://', 'postgresql+psycopg2://')}/mlflow"]
    argv += ["--artifacts-destination", f"file://{folder}/artifacts", "--serve-artifacts", "--workers", "1"]
    quiet = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            argv, env=os.environ | quiet, stdout=log, stderr=log, cwd=folder, start_new_session=True
        )
    try:
        _wait(url, server, folder / "server.log")
        yield url
    finally:
        os.killpg(server.pid, 15)
        server.wait(20)


@pytest.fixture
def mlflow_server(catalogue: None, _mlflow: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The server's address, which `settings().mlflow` names too; no model is registered in it."""
    from marquee.settings import settings
    from ml import registry, tracking

    monkeypatch.setattr("ml.evaluate.DRAWS", 300)  # intervals as rough as a test needs
    monkeypatch.setenv("MARQUEE_MLFLOW_URL", _mlflow)
    settings.cache_clear()
    client = tracking.client()
    if registry.numbers():
        client.delete_registered_model(registry.NAME)
    yield _mlflow
    while tracking.mlflow().active_run():
        tracking.mlflow().end_run()


def _wait(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(f"{url}/health", timeout=2).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"MLflow does not answer: {log.read_text()[-2000:]}")
