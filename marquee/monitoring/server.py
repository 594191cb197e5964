"""Serves the platform's figures to Prometheus, and hears the gateway where traces are collected."""

import sys
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from marquee.logs import log
from marquee.monitoring import (
    airflow_queues,
    database,
    disks,
    encoding,
    freshness,
    gateway_spans,
    prices,
    replicas,
    servers,
)
from marquee.monitoring.edge_traffic import EdgeTraffic
from marquee.monitoring.parts import Part, Platform
from marquee.settings import settings


def parts(gateway: str = "") -> Mapping[str, Part]:
    """All parts by name."""
    return {
        "airflow": airflow_queues.read,
        "encoding": encoding.read,
        "database": database.read,
        "logs": freshness.read_logs,
        "marts": freshness.read_marts,
        "model": freshness.read_model,
        "replicas": replicas.read,
        "edges": EdgeTraffic(),
        "servers": servers.part(gateway),
        "disks": disks.read,
        "prices": prices.read,
    }


class MetricsServer(ThreadingHTTPServer):
    """Answers GET /metrics and GET /healthz; scrapes come one after the other."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], found: Mapping[str, Part]) -> None:
        super().__init__(address, _Answers)
        self.registry = CollectorRegistry()
        self.registry.register(Platform(found))
        self.asking = threading.Lock()

    def handle_error(self, *_: object) -> None:
        """Note what an answer broke off with; a client that went away is no news."""
        if not isinstance(sys.exception(), ConnectionError):
            log.exception("figures not told")


class _Answers(BaseHTTPRequestHandler):
    server: MetricsServer

    def do_GET(self) -> None:
        if self.path == "/metrics":
            with self.server.asking:
                self._tell(200, generate_latest(self.server.registry), CONTENT_TYPE_PLAIN_0_0_4)
        elif self.path == "/healthz":
            self._tell(200, b"ok\n", "text/plain")
        else:
            self._tell(404, b"there is /metrics\n", "text/plain")

    def _tell(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 (the library's name)
        """Nothing: a scrape is no news."""


def serve(host: str, port: int, gateway: str = "") -> None:
    """Serve until the process is told to end."""
    s = settings()
    if s.otlp_url:
        gateway_spans.listen(host, s.port_gateway_spans, s.otlp_traces)
    log.info("metrics", host=host, port=port)
    MetricsServer((host, port), parts(gateway)).serve_forever()
