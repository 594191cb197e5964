"""Makes spans of what the gateway says of its requests: nginx sends a line of JSON for each by syslog over UDP.

nginx knows no OpenTelemetry where distributions leave that module out; a lost datagram is a span that is missing, and
holds up no request.
"""

import json
import socketserver
import threading
from typing import TYPE_CHECKING, Any

from marquee import tracing
from marquee.logs import log

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

SECOND_NS = 1_000_000_000
FAULT = 500  # from here on a status says that a server has failed (RFC 9110 §15.6)


def listen(host: str, port: int, url: str) -> socketserver.UDPServer:
    """Hear the gateway at an address from now on, and post spans to a collector; in a thread until it is shut down."""
    processor = tracing.sender(url)

    class Heard(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            if (made := _span_or_none(self.request[0])) is not None:
                processor.on_end(made)

    server = socketserver.UDPServer((host, port), Heard)
    threading.Thread(target=server.serve_forever, name="gateway-spans", daemon=True).start()
    return server


def _span_or_none(datagram: bytes) -> "ReadableSpan | None":
    try:
        return span_of(datagram)
    except (ValueError, KeyError, TypeError) as error:
        log.warning("not a request of the gateway", error=type(error).__name__)
        return None


def span_of(datagram: bytes) -> "ReadableSpan":
    """The span of one request. Raises ValueError, KeyError or TypeError for what is none."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanKind, Status, StatusCode

    said: dict[str, Any] = json.loads(datagram[datagram.index(b"{") :])
    end_ns = round(float(said["end"]) * SECOND_NS)
    failed = int(said["status"]) >= FAULT
    return ReadableSpan(
        name=f"{said['method']} {said['class'] or 'gateway'}",
        context=_context(said["trace"], said["span"]),
        parent=_context(said["trace"], said["parent"]) if said["parent"] else None,
        resource=Resource.create({"service.name": "marquee-gateway"}),
        attributes={"server.address": said["site"], "http.response.status_code": int(said["status"])},
        kind=SpanKind.SERVER,
        status=Status(StatusCode.ERROR if failed else StatusCode.UNSET),
        start_time=end_ns - round(float(said["seconds"]) * SECOND_NS),
        end_time=end_ns,
    )


def _context(trace: str, span: str) -> Any:
    from opentelemetry.trace import SpanContext, TraceFlags

    return SpanContext(int(trace, 16), int(span, 16), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
