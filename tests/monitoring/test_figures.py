"""What `marquee metrics` tells, read from real databases and files; and every panel's query, asked of a Prometheus."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.main import create_app
from api.steering import service
from bench.observe.prometheus import panels, prometheus
from marquee.catalogue.database import engine
from marquee.embedded.ports import free
from marquee.embedded.processes import wait_until
from marquee.monitoring.edge_traffic import EdgeTraffic
from marquee.monitoring.parts import Platform, single
from marquee.monitoring.server import MetricsServer, parts
from marquee.settings import settings
from tests.api.conftest import Publish, publish  # noqa: F401  a fixture
from tests.gateway.conftest import Front, certificates, front  # noqa: F401  fixtures
from tests.monitoring import small_platform
from tests.plugin_browser import serving

Figures = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


def told(text: str) -> Figures:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(figures: Figures, name: str, **labels: str) -> float:
    return figures[f"marquee_{name}", frozenset(labels.items())]


@pytest.fixture(scope="module")
def airflow_state(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    small_platform.airflow_database(postgres_url, tmp_path_factory.mktemp("airflow"))


@pytest.fixture
def platform(
    airflow_state: None,
    front: Front,  # noqa: F811
    publish: Publish,  # noqa: F811
    postgres_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """The address of `marquee metrics` over a small platform's state, with a gateway that shows a certificate."""
    monkeypatch.setenv("MARQUEE_TLS", "true")
    monkeypatch.setenv("MARQUEE_PORT_GATEWAY", str(front.port))
    monkeypatch.setenv(
        "MARQUEE_EDGES", '{"edge-a": {"url": "http://edge-a.localhost:1", "address": "http://127.0.0.1:1"}}'
    )
    settings.cache_clear()
    service.health.cache_clear()
    small_platform.catalogue_state(int(publish().release_id))
    small_platform.files()
    small_platform.edge_serves(20)
    (tmp_path / "wal").mkdir()
    receiver = small_platform.standby(postgres_url, tmp_path / "wal")
    server = MetricsServer(("127.0.0.1", 0), parts())
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    receiver.kill()
    receiver.wait()
    engine(settings().database("airflow")).dispose()
    service.health.cache_clear()  # what this process knows of the edges would outlive these


def test_figures_are_those_of_the_platform(platform: str) -> None:
    def now() -> Figures:
        return told(httpx.get(f"http://{platform}/metrics").raise_for_status().text)

    assert wait_until(lambda: of(now(), "database_standbys") == 1, 10)
    figures = now()
    assert {labels: value for (name, labels), value in figures.items() if name == "marquee_part_up"} == {
        frozenset({("part", name)}): 1.0 for name in parts()
    }
    assert of(figures, "pool_slots", pool="transcode") == 2
    assert of(figures, "pool_tasks", pool="transcode", state="running") == 1
    assert of(figures, "pool_queue_age_seconds", pool="transcode") == pytest.approx(1200, abs=60)
    assert of(figures, "pool_queue_age_seconds", pool="lake") == 0
    assert of(figures, "airflow_heartbeat_age_seconds", process="SchedulerJob") < 60
    assert of(figures, "dag_runs_failed", dag="ship_events") == 1
    assert of(figures, "encode_slot_seconds") == 600
    assert of(figures, "encoded_rendition_seconds") >= of(figures, "encoded_title_seconds") > 0
    assert of(figures, "recommendations_age_seconds") == pytest.approx(7200, abs=60)
    assert of(figures, "marts_age_seconds") < 60
    assert of(figures, "log_waiting_bytes", log="events") == 3
    assert of(figures, "replicas_damaged") == of(figures, "files_lost") == 1
    assert of(figures, "edge_requests_total", edge="edge-a", cache="hit", status="2xx") == 20
    assert of(figures, "edge_bytes_total", edge="edge-a") == 20_000_000
    assert of(figures, "edge_video_seconds_total", edge="edge-a") == 80
    assert of(figures, "database_replication_lag_seconds", standby="us") < 60
    assert 80 < (of(figures, "certificate_until_seconds", server="gateway") - time.time()) / 86_400 < 91
    assert (of(figures, "server_up", server="gateway"), of(figures, "server_up", server="edge-a")) == (1, 0)
    assert 0 < of(figures, "disk_free_bytes", folder="home") < of(figures, "disk_size_bytes", folder="home")
    assert of(figures, "price", of="core_hour") == settings().price_core_hour


@pytest.mark.skipif(not shutil.which("prometheus"), reason="no Prometheus")
def test_every_panel_of_every_dashboard_has_data(platform: str, tmp_path: Path) -> None:
    """Asked of a real Prometheus, with the rules loaded, that scrapes the API and `marquee metrics`."""
    (port,) = free(1)
    asked = panels()
    assert len(asked) == 28
    with (
        serving(create_app(tmp_path / "dist"), port),
        prometheus(tmp_path, {"api": f"127.0.0.1:{port}", "platform": platform}) as server,
    ):

        def empty() -> list[str]:
            httpx.get(f"http://127.0.0.1:{port}/v1/titles")
            httpx.post(f"http://127.0.0.1:{port}/v1/playback-sessions", json={})
            small_platform.edge_serves(5)
            small_platform.edge_serves(1, cache="MISS")
            return [name for name, query in asked.items() if not server.query(query)]

        assert wait_until(lambda: not empty(), 30), empty()
        assert server.up() == {"api", "platform"}
        assert server.rule_faults() == []


def test_a_part_that_cannot_be_read_costs_no_other_its_figures() -> None:
    def away() -> Iterator[None]:
        raise OSError("no disk")
        yield

    found = {
        sample.name + str(sample.labels): sample.value
        for family in Platform({"one": away, "two": lambda: [single("x", "x", 1.0)]}).collect()  # type: ignore[dict-item]
        for sample in family.samples
    }
    assert found["marquee_part_up{'part': 'one'}"] == 0
    assert found["marquee_part_up{'part': 'two'}"] == found["marquee_x{}"] == 1


def test_lines_are_counted_once_whatever_their_file_is_called(tmp_path: Path) -> None:
    edge = tmp_path / "edge-a"
    edge.mkdir()
    line = b'{"edge":"edge-a","status":200,"bytes":1,"cache":"-"}\n'
    (edge / "1.open").write_bytes(line + line[:10])
    traffic = EdgeTraffic()
    counts = []
    for step in (
        lambda: None,
        lambda: (edge / "1.open").write_bytes(line + line),
        lambda: (edge / "1.open").rename(edge / "1-0.ndjson"),
        lambda: (edge / "2.open").write_bytes(b"bad\n" + line),
        lambda: (edge / "1-0.ndjson").unlink(),
    ):
        step()
        traffic.look(tmp_path)
        counts.append(traffic.requests["edge-a", "none", "2xx"])
    assert counts == [1, 2, 2, 3, 3]


def test_workers_tell_the_sums_of_all(tmp_path: Path) -> None:
    """A scrape reaches one of them."""
    code = """
from api.ops.service import Metrics
metrics = Metrics()
metrics.observe("GET", "/v1/titles", 200, 0.1)
print(metrics.render().decode())
"""
    environment = {"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin", "MARQUEE_HOME": str(tmp_path)}
    environment |= {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "figures"), "MARQUEE_PORT_POSTGRES": "1"}
    for workers in (1, 2):
        argv = [sys.executable, "-c", code]
        said = subprocess.run(argv, env=environment, check=True, capture_output=True, text=True, timeout=60).stdout
        labels = {"method": "GET", "route": "/v1/titles", "status": "200"}
        assert of(told(said), "api_requests_total", **labels) == workers
