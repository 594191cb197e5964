"""A collector of traces for this bench and for tests: takes OTLP over HTTP and keeps the spans."""

import gzip
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from marquee.embedded.processes import wait_until

LOOK_S = 0.01  # how often the server looks whether it was stopped
ERROR = 2  # of OTLP's Status.StatusCode


@dataclass(frozen=True)
class Seen:
    """A span as it arrived; times are Unix nanoseconds, ids hex digits, `parent` empty for a first one."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    start_ns: int
    end_ns: int
    failed: bool
    attributes: dict[str, Any]


class Collector:
    """Listens from its creation until it is stopped."""

    def __init__(self) -> None:
        self.spans: list[Seen] = []
        self._lock = threading.Lock()
        collector = self

        class Posted(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                body = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
                collector._take(body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Posted)
        threading.Thread(target=self._server.serve_forever, args=(LOOK_S,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def _take(self, body: bytes) -> None:
        with self._lock:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                service = {a.key: a.value.string_value for a in resource.resource.attributes}["service.name"]
                self.spans += [_seen(service, span) for scope in resource.scope_spans for span in scope.spans]

    def wait_for(self, *names: str, seconds: float = 20) -> list[Seen]:
        """All spans, once there is one of each of these names."""
        assert wait_until(lambda: set(names) <= {span.name for span in self.spans}, seconds), self.spans
        return self.spans

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _seen(service: str, span: Any) -> Seen:
    said = {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in span.attributes}
    ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
    times = (span.start_time_unix_nano, span.end_time_unix_nano)
    return Seen(service, span.name, *ids, *times, span.status.code == ERROR, said)
