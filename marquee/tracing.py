"""Traces: spans of requests, queries, tasks and programs, sent by OTLP over HTTP where MARQUEE_OTLP_URL is set.

Without it nothing of OpenTelemetry is imported and a span is an empty context. Spans are made by hand in the few places
that all work goes through, and say what is written there: no address, path, query or text of a person.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from typing import TYPE_CHECKING

from marquee.settings import settings

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.trace import Span, SpanKind, Tracer

Attributes = Mapping[str, str | int | float | bool]
EXPORT_S = 5  # for one post to the collector
DELAY_MS = 1_000  # for which a span waits for others
FLUSH_MS = 5_000
_service = "marquee"


def name_service(name: str) -> None:
    """Say by which name this process's spans are told from others'; before the first of them."""
    global _service
    _service = f"marquee-{name}"


def on() -> bool:
    """Whether spans are made."""
    return settings().otlp_url is not None


def span(name: str, attributes: Attributes | None = None, kind: str = "internal") -> "AbstractContextManager[object]":
    """A span around a block, beneath the current one. An exception marks it by its type, never by its words.

    `kind` is one of OpenTelemetry's: internal, server, client, producer, consumer.
    """
    return _recorded(_tracer(settings().otlp_traces), name, attributes, kind) if on() else nullcontext()


def child(name: str, attributes: Attributes | None = None, kind: str = "client") -> "AbstractContextManager[object]":
    """As `span`, where there is one to lie beneath: what a process asks of its own accord makes no traces."""
    return span(name, attributes, kind) if traceparent() else nullcontext()


def begin(name: str, attributes: Attributes | None = None, kind: str = "client") -> "Span | None":
    """A span beneath the current one that is ended by hand; None where there is none to lie beneath."""
    if not traceparent():
        return None
    return _tracer(settings().otlp_traces).start_span(name, kind=_kind(kind), attributes=dict(attributes or {}))


def note(attributes: Attributes) -> None:
    """Add to the current span."""
    if on():
        from opentelemetry import trace

        trace.get_current_span().set_attributes(dict(attributes))


def rename(name: str) -> None:
    """Give the current span a name that was not known when it began."""
    if on():
        from opentelemetry import trace

        trace.get_current_span().update_name(name)


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


def flush() -> None:
    """Send what waits; before a process ends without its exit handlers."""
    if on():
        provider_of(settings().otlp_traces).force_flush(FLUSH_MS)


@lru_cache
def provider_of(url: str) -> "TracerProvider":
    """What makes and sends spans: the process's own, as in Airflow's, or ours."""
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

    if isinstance(there := trace.get_tracer_provider(), TracerProvider):
        return there
    provider = TracerProvider(sampler=ParentBasedTraceIdRatio(settings().trace_share), resource=_resource(_service))
    provider.add_span_processor(sender(url))
    return provider


def sender(url: str) -> "SpanProcessor":
    """Posts spans to a collector, in batches, from a thread of its own."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=EXPORT_S), schedule_delay_millis=DELAY_MS)


def _resource(service: str) -> "Resource":
    from opentelemetry.sdk.resources import Resource

    return Resource.create({"service.name": service})


@lru_cache
def _tracer(url: str) -> "Tracer":
    return provider_of(url).get_tracer("marquee")


def _kind(name: str) -> "SpanKind":
    from opentelemetry.trace import SpanKind

    return SpanKind[name.upper()]


@contextmanager
def _recorded(tracer: "Tracer", name: str, attributes: Attributes | None, kind: str) -> "Iterator[Span]":
    from opentelemetry.trace import StatusCode

    with tracer.start_as_current_span(
        name,
        kind=_kind(kind),
        attributes=dict(attributes or {}),
        record_exception=False,
        set_status_on_exception=False,
    ) as made:
        try:
            yield made
        except BaseException as error:
            made.set_status(StatusCode.ERROR, type(error).__name__)
            raise
