"""Lines of the event log: a JSON object with the name of a lake table and the columns of one row.

    {"table":"events","session_id":…,"seq":…,"name":"playing",…,"profile_id":…,"title_id":…}

Ids are numbers here. What is the same for all events of a stream comes last, so that it is encoded once per stream.
"""

from typing import Any

from pydantic_core import from_json, to_json

from marquee.contracts.events import BrowseEvent, PlayerEvent
from marquee.contracts.lake import BROWSE, DEAD_LETTERS, EDGE_REPORTS, EVENTS

MAX_BODY = 4_000  # characters of a refused event that are kept
COLUMNS = {table.name: {"table", *table.columns} for table in (EVENTS, BROWSE, EDGE_REPORTS, DEAD_LETTERS)}


def context_part(columns: dict[str, Any]) -> bytes:
    """The end of every line of a stream: what is known of its viewer and title."""
    return b"," + to_json(columns)[1:] + b"\n"


def player_line(event: PlayerEvent, received_ms: int, context: bytes) -> bytes:
    """The line of a player event, and one for each edge that it reports of; `context` is that of its session."""
    columns = {"table": EVENTS.name, "received_ms": received_ms, **event.__dict__}
    error, fetched = columns.pop("error"), columns.pop("fetched")
    if error is not None:
        columns |= {f"error_{name}": value for name, value in error.__dict__.items()}
    line = to_json(columns)[:-1] + context
    if not fetched:
        return line
    told = {"table": EDGE_REPORTS.name, "session_id": event.session_id, "seq": event.seq, "received_ms": received_ms}
    return line + b"".join(to_json(told | each.__dict__)[:-1] + context for each in fetched)


def browse_line(event: BrowseEvent, received_ms: int, context: bytes) -> bytes:
    """The line of a browse event; `context` is its visit's `context_part`."""
    return to_json({"table": BROWSE.name, "received_ms": received_ms, **event.__dict__})[:-1] + context


def dead_letter_line(field: str, reason: str, body: str, received_ms: int, context: bytes | None = None) -> bytes:
    """The line of something that was refused; `context` is that of the stream it names. A long body loses its end."""
    profile_id = from_json(b"{" + context[1:])["profile_id"] if context else None
    columns = {"received_ms": received_ms, "field": field, "reason": reason, "body": body[:MAX_BODY]}
    columns["profile_id"] = profile_id
    return to_json({"table": DEAD_LETTERS.name, **columns}) + b"\n"


def parse(line: bytes) -> dict[str, Any] | None:
    """The columns of a line and its `table`; None when the line is damaged, or of another version of the log."""
    try:
        row = from_json(line)
    except ValueError:
        return None
    known = COLUMNS.get(str(row.get("table"))) if isinstance(row, dict) else None
    return row if known and row.keys() <= known and type(row.get("received_ms")) is int else None
