"""Player events: each is judged by itself, so that one bad event does not lose the others.

Kept are events that fit the contract and belong to a playback session that this house opened, over or not (the last
ones of a view come late). The rest is counted and named in the answer.
"""

from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from api.deps import MAX_ID
from api.errors import BadRequest, field_problem
from api.events.schemas import EventReceipt, Rejected
from marquee.catalogue import viewers
from marquee.catalogue.database import begin
from marquee.contracts.errors import InvalidInput
from marquee.contracts.events import PlayerEvent

MAX_EVENTS = 200  # as in the EventBatch contract


def record(body: bytes) -> EventReceipt:
    """Keep the events of a batch. Raises BadRequest for what is not JSON, InvalidInput for what is not a batch."""
    wellformed: dict[int, PlayerEvent] = {}
    rejected: list[Rejected] = []
    for index, item in enumerate(_items(body)):
        judged = _judge(item)
        if isinstance(judged, PlayerEvent):
            wellformed[index] = judged
        else:
            rejected.append(Rejected(index=index, field=judged[0], reason=judged[1]))
    with begin() as session:
        known = viewers.known_sessions(session, {e.session_id for e in wellformed.values()})
        kept = tuple(e for e in wellformed.values() if e.session_id in known)
        accepted = viewers.add_events(session, kept)
    strangers = [i for i, e in wellformed.items() if e.session_id not in known]
    rejected += [Rejected(index=i, field="session_id", reason="no such playback session") for i in strangers]
    return EventReceipt(
        accepted=accepted, duplicates=len(kept) - accepted, rejected=sorted(rejected, key=lambda r: r.index)
    )


def _items(body: bytes) -> list[Any]:
    try:
        batch = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise BadRequest("the body is not JSON", expected='{"events": [...]}') from None
    items = batch.get("events") if isinstance(batch, dict) else None
    if not isinstance(items, list) or not 0 < len(items) <= MAX_EVENTS:
        raise InvalidInput("not a batch of events", where="events", expected=f"a list of 1 to {MAX_EVENTS} events")
    return items


def _judge(item: Any) -> PlayerEvent | tuple[str, str]:
    """The event, or the field at fault and why."""
    try:
        event = PlayerEvent.model_validate(item)
    except ValidationError as error:
        first = field_problem(error.errors()[0])
        return first.field, first.expected
    except (TypeError, OverflowError):  # an id that is no number at all
        return "session_id", "not an id"
    if not 0 <= event.session_id <= MAX_ID or event.seq > MAX_ID:
        return "seq" if event.seq > MAX_ID else "session_id", "beyond 64 bits"
    if any("\0" in text for text in _texts(event)):
        return "rendition, edge or error", "text with a NUL"
    return event


def _texts(event: PlayerEvent) -> list[str]:
    error = (event.error.category, event.error.code) if event.error else ()
    return [text for text in (event.rendition, event.edge, *error) if text]
