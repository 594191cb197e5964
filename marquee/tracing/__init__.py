"""Traces: spans of requests, queries, tasks and programs, sent by OTLP over HTTP where MARQUEE_OTLP_URL is set.

Without it nothing of OpenTelemetry is imported and a span is an empty context. Spans are made by hand in the few places
that all work goes through, and say what is written there: no address, path, query or text of a person.
"""

from marquee.tracing.context import continued, environment, new_child, trace_id, traceparent
from marquee.tracing.export import flush, name_service, on, sender
from marquee.tracing.spans import Attributes, begin, child, note, rename, span

__all__ = [
    "Attributes",
    "begin",
    "child",
    "continued",
    "environment",
    "flush",
    "name_service",
    "new_child",
    "note",
    "on",
    "rename",
    "sender",
    "span",
    "trace_id",
    "traceparent",
]
