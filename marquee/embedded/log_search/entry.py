"""One line of a log, whoever wrote it, in one form."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json

from marquee.embedded.log_search import levels, times

EVENTS = ("event", "message", "msg")
TRACES = ("trace_id", "traceId")
TOLD = {*times.KEYS, *levels.KEYS, *EVENTS, *TRACES, "at", "service"}
REQUEST = ("method", "path", "status")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line: `at` is Unix time in seconds, `level` is empty where a line of text names none."""

    at: float
    level: str
    service: str
    trace_id: str
    event: str
    fields: dict[str, Any]

    def json(self) -> str:
        """One line of JSON."""
        head = {"time": moment(self.at), "level": self.level, "service": self.service, "trace_id": self.trace_id}
        return json.dumps({**head, "event": self.event, **self.fields}, ensure_ascii=False)

    def text(self) -> str:
        """One line for people; what would move a terminal's cursor or colours is written out."""
        trace = {"trace_id": self.trace_id} if self.trace_id else {}
        more = "".join(f" {name}={_short(value)}" for name, value in {**self.fields, **trace}.items())
        line = f"{moment(self.at)} {self.level:<8} {self.service:<14} {self.event}{more}"
        return "".join(c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode() for c in line)


def parse(line: bytes, service: str, otherwise: float) -> Entry:
    """A line; one that tells no time has `otherwise`, that of a line beside it or of its file."""
    fields = _json(line)
    if fields is None:
        at = times.time_of_text(line)
        return Entry(
            at or otherwise, levels.level_of_text(line), service, "", line.decode(errors="replace").rstrip(), {}
        )
    at = times.time_of(fields)
    trace = next((str(fields[key]) for key in TRACES if fields.get(key)), "")
    event = next((str(fields[key]) for key in EVENTS if fields.get(key)), "")
    rest = {name: value for name, value in fields.items() if name not in TOLD}
    if not event and all(name in rest for name in REQUEST):
        event = " ".join(str(rest.pop(name)) for name in REQUEST)
    return Entry(at or otherwise, levels.level_of(fields), str(fields.get("service") or service), trace, event, rest)


def has_time(line: bytes) -> float | None:
    """The time that a line tells, if any."""
    fields = _json(line)
    return times.time_of_text(line) if fields is None else times.time_of(fields)


def moment(at: float) -> str:
    """A Unix time in UTC with milliseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(line: bytes) -> dict[str, Any] | None:
    if not line.startswith(b"{"):
        return None
    try:
        found = from_json(line.decode(errors="replace"))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _short(value: object) -> str:
    plain = isinstance(value, str) and value and not set(value) & set(' "=')
    return str(value) if plain else json.dumps(value, ensure_ascii=False, default=str)
