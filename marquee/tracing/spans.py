"""Spans: around a block, or begun and ended by hand."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from marquee.tracing.context import traceparent
from marquee.tracing.export import on, tracer

if TYPE_CHECKING:
    from opentelemetry.trace import Span, SpanKind

Attributes = Mapping[str, str | int | float | bool]


def span(name: str, attributes: Attributes | None = None, kind: str = "internal") -> "AbstractContextManager[object]":
    """A span around a block, beneath the current one. An exception marks it by its type, never by its words.

    `kind` is one of OpenTelemetry's: internal, server, client, producer, consumer.
    """
    return _recorded(name, attributes, kind) if on() else nullcontext()


def child(name: str, attributes: Attributes | None = None, kind: str = "client") -> "AbstractContextManager[object]":
    """As `span`, where there is one to lie beneath: what a process asks of its own accord makes no traces."""
    return span(name, attributes, kind) if traceparent() else nullcontext()


def begin(name: str, attributes: Attributes | None = None, kind: str = "client") -> "Span | None":
    """A span beneath the current one that is ended by hand; None where there is none to lie beneath."""
    if not traceparent():
        return None
    return tracer().start_span(name, kind=_kind(kind), attributes=dict(attributes or {}))


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
def _recorded(name: str, attributes: Attributes | None, kind: str) -> "Iterator[Span]":
    from opentelemetry.trace import StatusCode

    with tracer().start_as_current_span(
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


def _kind(name: str) -> "SpanKind":
    from opentelemetry.trace import SpanKind

    return SpanKind[name.upper()]
