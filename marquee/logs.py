"""Structured logs: key-value lines for people, JSON lines where a machine reads them."""

import contextlib
import logging
import sys

import structlog


class _Stderr:
    """Standard error; a line that cannot be written, as on a full disk, stops nobody's work."""

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()


def configure(*, json: bool = False, level: int = logging.INFO) -> None:
    """Set the process's log format; call once, in an entry point."""
    plain = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        exception_formatter=structlog.dev.plain_traceback,  # the rich one prints local variables, keys among them
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if json else structlog.processors.UnicodeDecoder(),
            structlog.processors.JSONRenderer() if json else plain,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Looked up at each line: whoever replaces the process's standard error gets what is logged.
        logger_factory=lambda *_: structlog.PrintLogger(_Stderr()),  # type: ignore[arg-type]  # all that print() needs
        cache_logger_on_first_use=False,
    )


log: structlog.stdlib.BoundLogger = structlog.get_logger("marquee")
