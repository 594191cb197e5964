"""Records batches of events in the event log.

Kept are events that fit the contract and belong to a playback session or a visit that this house opened, over or not
(the last ones of a view come late). What is refused goes into the log as well, as a dead letter with the reason, and
is named in the answer. The answer comes when all of it is on disk. An event that comes twice is written twice: who
reads the lake takes the one that was received first.
"""

import asyncio
import time
from typing import Any

from pydantic_core import from_json, to_json

from api.deps import MAX_ID
from api.errors import BadRequest
from api.events.schemas import EventReceipt, Rejected
from api.events.stream_context import Contexts, Stream
from api.events.validation import Event, Fault, judge, names_a_visit
from api.steering import service as steering
from marquee.contracts.errors import InvalidInput, MarqueeError
from marquee.contracts.events import PlayerEvent
from marquee.viewing.eventlog.lines import browse_line, dead_letter_line, player_line
from marquee.viewing.eventlog.writer import Writer

MAX_EVENTS = 200  # as in the EventBatch contract


class Recorder:
    """Takes batches of events in one process."""

    def __init__(self, log: Writer) -> None:
        self._log = log
        self._contexts = Contexts()

    async def record(self, body: bytes) -> EventReceipt:
        """Keep a batch; returns when it is on disk.

        Raises BadRequest for what is not JSON, InvalidInput for what is not a batch, Unavailable when the disk is full.
        """
        received_ms = time.time_ns() // 1_000_000
        try:
            items = _items(body)
        except MarqueeError as error:
            await self._keep(dead_letter_line("body", error.what, body.decode(errors="replace"), received_ms))
            raise
        judged = [judge(item) for item in items]
        streams = [_named(items[n]) if isinstance(event, Fault) else _stream(event) for n, event in enumerate(judged)]
        contexts = await self._contexts.of({stream for stream in streams if stream})
        lines: list[bytes] = []
        rejected: list[Rejected] = []
        for index, (verdict, stream) in enumerate(zip(judged, streams, strict=True)):
            context = contexts.get(stream) if stream else None
            line = verdict if isinstance(verdict, Fault) else _line(verdict, received_ms, context)
            if isinstance(line, Fault):
                rejected.append(Rejected(index=index, field=line.field, reason=line.reason))
                line = dead_letter_line(line.field, line.reason, _text(items[index]), received_ms, context)
            lines.append(line)
        await self._keep(b"".join(lines))
        return EventReceipt(accepted=len(items) - len(rejected), rejected=rejected)

    async def _keep(self, lines: bytes) -> None:
        await asyncio.wrap_future(self._log.append(lines))


def _items(body: bytes) -> list[Any]:
    try:
        batch = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise BadRequest("the body is not JSON", expected='{"events": [...]}') from None
    items = batch.get("events") if isinstance(batch, dict) else None
    if not isinstance(items, list) or not 0 < len(items) <= MAX_EVENTS:
        raise InvalidInput("not a batch of events", where="events", expected=f"a list of 1 to {MAX_EVENTS} events")
    return items


def _stream(event: Event) -> Stream:
    return ("session", event.session_id) if isinstance(event, PlayerEvent) else ("visit", event.visit_id)


def _named(item: Any) -> Stream | None:
    """The stream that a refused item names, if it can be read: its letter goes when its viewer is deleted."""
    kind = "visit" if names_a_visit(item) else "session"
    written = str(item.get(f"{kind}_id")) if isinstance(item, dict) else ""
    readable = written.isdecimal() and len(written) <= len(str(MAX_ID))
    return (kind, int(written)) if readable and int(written) <= MAX_ID else None


def _line(event: Event, received_ms: int, context: bytes | None) -> bytes | Fault:
    if isinstance(event, PlayerEvent):
        if not context:
            return Fault("session_id", "no such playback session")
        steering.hear(event)
        return player_line(event, received_ms, context)
    return browse_line(event, received_ms, context) if context else Fault("visit_id", "no such visit")


def _text(item: Any) -> str:
    return to_json(item).decode()
