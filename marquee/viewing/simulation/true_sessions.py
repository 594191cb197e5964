"""True viewing sessions of the simulation, as rows of the lake's `sessions`."""

from typing import TYPE_CHECKING, Any

import numpy as np

from marquee.contracts.lake import SESSIONS
from marquee.viewing.lake import schema
from marquee.viewing.simulation.keyed_random import Flags, Ints
from marquee.viewing.simulation.ranges import merged
from marquee.viewing.simulation.spec import DAY_MS, MINUTE_MS

if TYPE_CHECKING:
    import pyarrow as pa

GAP_MS = 30 * MINUTE_MS
COMPLETED = 0.9
FIRST = ("profile_id", "title_id", "origin", "country", "device", "started_ms", "first_position_ms")
LAST = ("last_position_ms", "duration_ms")
DEVICES = 16  # kinds of devices, at most


def sessions(playbacks: "pa.Table") -> "pa.Table":
    """Rows of SESSIONS, by profile and time, of rows of PLAYBACKS.

    Simulated viewers watch one thing at a time, and no chain of theirs lasts longer than a day.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    watched = playbacks.filter(pc.field("watched_ms") > 0)
    watched = watched.take(np.lexsort([_numbers(watched, name) for name in ("session_id", "started_ms", "profile_id")]))
    opens = _opens(*[_numbers(watched, name) for name in ("profile_id", "title_id", "started_ms", "ended_ms")])
    first, last = np.flatnonzero(opens), np.flatnonzero(np.append(opens[1:], True)[: len(opens)])
    session = np.cumsum(opens) - 1
    covered, duration = _covered(watched, session, len(first)), _numbers(watched, "duration_ms")[last]
    completion = np.minimum(covered / np.maximum(1, duration), 1.0)
    columns: dict[str, Any] = {
        "viewing_session_id": _numbers(watched, "session_id")[first],
        **{name: watched[name].take(first) for name in FIRST},
        **{name: watched[name].take(last) for name in LAST},
        "devices": _kinds(watched, session, len(first)),
        "playbacks": last - first + 1,
        "ended_ms": _over(np.maximum, watched, "ended_ms", first),
        "watched_ms": _over(np.add, watched, "watched_ms", first),
        "covered_ms": covered,
        "furthest_ms": _over(np.maximum, watched, "furthest_ms", first),
        "completion": completion,
        "completed": completion >= COMPLETED,
    }
    return pa.table({name: columns[name] for name in SESSIONS.columns}, schema=schema(SESSIONS))


def _numbers(rows: "pa.Table", name: str) -> Ints:
    return np.asarray(rows[name].to_numpy(), np.int64)


def _over(how: np.ufunc, rows: "pa.Table", name: str, first: Ints) -> Ints:
    """Values of a column brought together by session."""
    return np.asarray(how.reduceat(_numbers(rows, name), first)) if len(first) else first


def _opens(profile: Ints, title: Ints, started: Ints, ended: Ints) -> Flags:
    """Where a session begins: with another viewer or title, or more than half an hour after the end of the one before.

    A chain that were still going on the second day after it began would be cut there; see PLAYBACKS' reader.
    """
    later = (profile[1:] != profile[:-1]) | (title[1:] != title[:-1]) | (started[1:] > ended[:-1] + GAP_MS)
    later |= started[1:] // DAY_MS > started[:-1] // DAY_MS + 1
    return np.append(True, later)[: len(profile)]


def _covered(rows: "pa.Table", session: Ints, count: int) -> Ints:
    stretches = rows["stretches"].combine_chunks()
    whose = np.repeat(session, stretches.value_lengths().to_numpy())
    parts = stretches.flatten()
    group, low, high = merged(whose, *(parts.field(n).to_numpy().astype(np.int64) for n in (0, 1)))
    return np.bincount(group, weights=high - low, minlength=count).astype(np.int64)


def _kinds(rows: "pa.Table", session: Ints, count: int) -> Ints:
    """How many kinds of devices each session was watched on."""
    device = rows["device"].combine_chunks().dictionary_encode().indices.to_numpy()
    pairs = np.unique(session * DEVICES + device) // DEVICES
    return np.bincount(pairs, minlength=count)
