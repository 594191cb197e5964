"""Whether spans are made, and the way they take to the collector."""

from functools import lru_cache
from typing import TYPE_CHECKING

from marquee.settings import settings

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.trace import Tracer

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


def flush() -> None:
    """Send what waits; before a process ends without its exit handlers."""
    if on():
        _provider(settings().otlp_traces).force_flush(FLUSH_MS)


def tracer() -> "Tracer":
    """What begins spans, where they are made."""
    return _tracer(settings().otlp_traces)


def sender(url: str) -> "SpanProcessor":
    """Posts spans to a collector, in batches, from a thread of its own."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=EXPORT_S), schedule_delay_millis=DELAY_MS)


@lru_cache
def _tracer(url: str) -> "Tracer":
    return _provider(url).get_tracer("marquee")


@lru_cache
def _provider(url: str) -> "TracerProvider":
    """What makes and sends spans: the process's own, as in Airflow's, or ours."""
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

    if isinstance(there := trace.get_tracer_provider(), TracerProvider):
        return there
    provider = TracerProvider(sampler=ParentBasedTraceIdRatio(settings().trace_share), resource=_resource(_service))
    provider.add_span_processor(sender(url))
    return provider


def _resource(service: str) -> "Resource":
    from opentelemetry.sdk.resources import Resource

    return Resource.create({"service.name": service})
