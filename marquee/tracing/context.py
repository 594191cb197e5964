"""The trace that work belongs to: given by a caller, handed on to programs, runs and servers."""

from collections.abc import Iterator
from contextlib import contextmanager

from marquee.tracing.export import on


@contextmanager
def continued(parent: str) -> Iterator[None]:
    """Spans of the block lie beneath one elsewhere, given as W3C Trace Context's `traceparent`; as before for none."""
    if not on() or not parent:
        yield
        return
    from opentelemetry import context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    token = context.attach(TraceContextTextMapPropagator().extract({"traceparent": parent}))
    try:
        yield
    finally:
        context.detach(token)


def traceparent() -> str:
    """The current span as W3C Trace Context's `traceparent`; empty where there is none."""
    if not on():
        return ""
    from opentelemetry import trace

    current = trace.get_current_span().get_span_context()
    if not current.is_valid:
        return ""
    return f"00-{current.trace_id:032x}-{current.span_id:016x}-{int(current.trace_flags):02x}"


def new_child() -> str:
    """A `traceparent` in the current trace for a span that somebody else makes; empty where there is no trace."""
    if not (parent := traceparent()):
        return ""
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    return f"{parent[:36]}{RandomIdGenerator().generate_span_id():016x}{parent[52:]}"


def trace_id() -> str:
    """The current trace's id, 32 hex digits; empty where there is none."""
    return traceparent()[3:35]


def environment() -> dict[str, str]:
    """What a program needs to go on with the current trace: OpenTelemetry's environment variable for it."""
    return {"TRACEPARENT": parent} if (parent := traceparent()) else {}
