"""Cache of the event streams that this process has seen; a stream's profile and title never change."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api.release_cache import facts
from marquee.catalogue import event_streams as streams
from marquee.catalogue.database import begin, begin_near, has_copy
from marquee.contracts.errors import NotFound
from marquee.viewing.eventlog.lines import context_part

MAX_STREAMS = 100_000  # about 40 MB

Stream = tuple[str, int]  # "session" or "visit", and its id


class Contexts:
    """The ends of the lines of each stream; see eventlog.lines. The streams used longest ago are forgotten first."""

    def __init__(self, limit: int = MAX_STREAMS) -> None:
        self._limit = limit
        self._known: OrderedDict[Stream, bytes] = OrderedDict()

    async def of(self, wanted: Iterable[Stream]) -> dict[Stream, bytes]:
        """By stream, for those of the wanted that exist. The database is asked once for those not yet known."""
        found: dict[Stream, bytes] = {}
        missing: set[Stream] = set()
        for stream in wanted:
            if part := self._known.get(stream):
                found[stream] = part
                self._known.move_to_end(stream)
            else:
                missing.add(stream)
        if missing:
            new = await run_in_threadpool(_look_up, missing)
            self._known |= new
            found |= new
            while len(self._known) > self._limit:
                self._known.popitem(last=False)
        return found


def _look_up(wanted: set[Stream]) -> dict[Stream, bytes]:
    """Near by first: what a player tells is kept while no server takes writes, and what is not there yet is asked for
    where it was written.
    """
    found = _read(wanted, begin_near)
    missing = wanted - found.keys()
    return found | _read(missing, begin) if missing and has_copy() else found


def _read(wanted: set[Stream], begun: Callable[[], AbstractContextManager[Session]]) -> dict[Stream, bytes]:
    sessions, visits = ([id_ for kind, id_ in wanted if kind == name] for name in ("session", "visit"))
    with begun() as session:
        played = streams.of_sessions(session, sessions) if sessions else {}
        visited = streams.of_visits(session, visits) if visits else {}
    return {("session", id_): _part_of_session(context) for id_, context in played.items()} | {
        ("visit", id_): context_part({k: v for k, v in asdict(context).items() if v is not None})
        for id_, context in visited.items()
    }


def _part_of_session(context: streams.StreamContext) -> bytes:
    return context_part({**asdict(context), "duration_ms": _duration_ms(context.release_id or 0)})


def _duration_ms(release_id: int) -> int | None:
    """None for a release whose document is gone: its events are no worse for that."""
    try:
        return round(facts(release_id).release.duration_s * 1000)
    except NotFound:
        return None
