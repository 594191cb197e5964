"""Validates each event of a batch by itself, so that one bad event does not lose the others."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from api.deps import MAX_ID
from api.fields import field_problem
from marquee.contracts.events import BrowseEvent, PlayerEvent
from marquee.contracts.ids import EPOCH_MS

LATEST_MS = 4_102_444_800_000  # 2100-01-01T00:00:00Z
Event = PlayerEvent | BrowseEvent


@dataclass(frozen=True)
class Fault:
    """The field at fault and why."""

    field: str
    reason: str


def judge(item: Any) -> Event | Fault:
    """The event, or what is wrong with it. What names a visit is a browse event."""
    kind, stream = (BrowseEvent, "visit_id") if names_a_visit(item) else (PlayerEvent, "session_id")
    try:
        event: Event = kind.model_validate(item)
    except ValidationError as error:
        first = field_problem(error.errors(include_url=False)[0])
        return Fault(first.field, first.expected)
    except (TypeError, ValueError, OverflowError):  # an id that is no number at all, or endless
        return Fault(stream, "not an id")
    return _beyond(event) or event


def names_a_visit(item: Any) -> bool:
    """Whether it is to be judged as a browse event."""
    return isinstance(item, dict) and "visit_id" in item


def _beyond(event: Event) -> Fault | None:
    """What fits the schema and yet can neither be stored nor be true."""
    if not EPOCH_MS <= event.viewer_time_ms < LATEST_MS:
        return Fault("viewer_time_ms", "not between the years 2020 and 2100")
    columns = event.__dict__
    if isinstance(event, PlayerEvent) and event.error:
        columns = columns | event.error.__dict__
    for name, value in columns.items():
        kind = type(value)  # neither enumerations nor truth values can be at fault
        if kind is str and "\0" in value:
            return Fault(name, "text with a NUL")
        if kind is int and value > MAX_ID:
            return Fault(name, "beyond 64 bits")
    return None
