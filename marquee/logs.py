"""Structured logs: key-value lines for people, JSON lines where a machine reads them."""

import contextlib
import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from marquee.redaction import redact

FIRST = ("timestamp", "level", "service", "event")  # of a line of JSON
SERVER, REQUESTS = ("uvicorn", "uvicorn.error"), "uvicorn.access"


class _Stderr:
    """Standard error; a line that cannot be written, as on a full disk, stops nobody's work."""

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()


def configure(*, json: bool = False, level: int = logging.INFO, service: str = "") -> None:
    """Set the process's log format; call once, in an entry point.

    `service` is the name of what logs. With `json` uvicorn's lines, and the libraries' warnings, have this form too.
    """
    plain = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        exception_formatter=structlog.dev.plain_traceback,  # the rich one prints local variables, keys among them
    )
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info if json else structlog.processors.UnicodeDecoder(),
        _of(service),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer() if json else plain],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Looked up at each line: whoever replaces the process's standard error gets what is logged.
        logger_factory=lambda *_: structlog.PrintLogger(_Stderr()),  # type: ignore[arg-type]  # all that print() needs
        cache_logger_on_first_use=False,
    )
    if json:
        _take_over(shared)


def _of(service: str) -> Processor:
    """Names the service, puts first what every line has, and takes out what no line may have."""
    named = {"service": service} if service else {}

    def processor(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        told: dict[str, Any] = {**named, **event}
        return redact({name: told[name] for name in FIRST if name in told} | told)  # type: ignore[no-any-return]

    return processor


def _take_over(shared: list[Processor]) -> None:
    """Have Python's own logging write lines of JSON, warnings and worse: below, httpx tells addresses with queries."""
    handler = logging.StreamHandler(_Stderr())
    steps: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.JSONRenderer(),
    ]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=steps, foreign_pre_chain=shared))
    logging.captureWarnings(capture=True)
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    for name in (*SERVER, REQUESTS):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name in SERVER  # lines about requests hold addresses and queries: ours are without


log: structlog.stdlib.BoundLogger = structlog.get_logger("marquee")
