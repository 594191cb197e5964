"""Spans of database queries: what kind, of which table, and how long; never a value."""

import re
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, event

from marquee import tracing

TABLE = re.compile(r"\b(?:from|into|update)\s+\"?([a-z_][a-z0-9_]*)", re.IGNORECASE)


@lru_cache(maxsize=2_000)
def described(statement: str) -> tuple[str, tracing.Attributes]:
    """A statement's name, as `SELECT titles`, and its span's attributes (OpenTelemetry's for databases)."""
    words = statement.split(None, 1)
    operation, table = (words[0].upper() if words else "?"), TABLE.search(statement)
    said = {"db.system.name": "postgresql", "db.operation.name": operation}
    return (f"{operation} {table[1]}", said | {"db.collection.name": table[1]}) if table else (operation, said)


def follow(engine: Engine) -> None:
    """Make a span of every query of an engine that belongs to a trace."""
    event.listen(engine, "before_cursor_execute", _begin)
    event.listen(engine, "after_cursor_execute", _end)
    event.listen(engine, "handle_error", _fail)


def _begin(_c: Any, _cursor: Any, statement: str, _p: Any, context: Any, _many: bool) -> None:
    if context is not None:
        context.query_span = tracing.begin(*described(statement))


def _end(_c: Any, _cursor: Any, _statement: str, _p: Any, context: Any, _many: bool) -> None:
    if (made := getattr(context, "query_span", None)) is not None:
        made.end()


def _fail(failure: Any) -> None:
    if (made := getattr(failure.execution_context, "query_span", None)) is not None:
        made.set_attribute("error.type", type(failure.original_exception).__name__)
        made.end()
