"""True playbacks of the simulation, as rows of the lake's `playbacks`."""

from typing import TYPE_CHECKING, Any

import numpy as np

from marquee.contracts.events import EventName
from marquee.contracts.lake import PLAYBACKS
from marquee.viewing.lake import schema
from marquee.viewing.simulation.arrow_columns import structs, viewer_columns, words
from marquee.viewing.simulation.keyed_random import Ints
from marquee.viewing.simulation.networks import EDGES, RUNGS
from marquee.viewing.simulation.playback_timeline import CODE, GONE
from marquee.viewing.simulation.playbacks import Fate, Plays
from marquee.viewing.simulation.player_events import ReportedEvents, Steps
from marquee.viewing.simulation.ranges import merged
from marquee.viewing.simulation.title_traits import TitleTraits
from marquee.viewing.simulation.viewers import Viewers

if TYPE_CHECKING:
    import pyarrow as pa

BITRATES = np.asarray([bitrate for _, bitrate in RUNGS], np.float64)


def playbacks(traits: TitleTraits, viewers: Viewers, plays: Plays, way: Steps, reported: ReportedEvents) -> "pa.Table":
    """A row per playback, in the order of `plays`, exact to the millisecond."""
    import pyarrow as pa

    rows, marks = len(plays.viewer), way.marks
    moving = np.where(marks.moving, way.told, 0)
    stretch = (marks.row, marks.position, marks.position + moving)
    play = _sum(marks.row, moving, rows)
    last = np.append(reported.row[1:] != reported.row[:-1], True)[: len(reported.row)]
    furthest = np.maximum.reduceat(reported.position, np.flatnonzero(reported.seq == 0)) if rows else play
    clean = np.isin(marks.name, [CODE[EventName.ENDED], CODE[EventName.VIEW_END]])
    rated = _sum(marks.row, moving * BITRATES[marks.rung], rows)
    columns: dict[str, Any] = {
        "session_id": plays.session,
        **viewer_columns(viewers, plays.viewer, plays.device),
        "title_id": traits.ids[plays.title],
        "release_id": traits.ids[plays.title],
        "duration_ms": traits.duration_ms[plays.title],
        "edge": words((*EDGES, "unknown"), _longest(way, moving, rows)),
        "started_ms": plays.start,
        "ended_ms": plays.start + reported.at[last],
        "events": np.bincount(reported.row, minlength=rows),
        "missing": np.zeros(rows, np.int64),
        "watched_ms": play,
        "furthest_ms": furthest,
        "first_position_ms": plays.opened,
        "last_position_ms": reported.position[last],
        **_covered(stretch, rows),
        "started": plays.begun,
        "startup_ms": pa.array(plays.startup, mask=~plays.begun),
        "exit_before_start": np.isin(plays.fate, [Fate.EXIT, Fate.REFUSED]),
        "start_failure": plays.fate == Fate.FAILED,
        "fatal": np.isin(plays.fate, [Fate.FAILED, Fate.BROKEN]),
        "refused": plays.fate == Fate.REFUSED,
        "play_ms": play,
        "rebuffer_ms": _sum(marks.row, np.where(marks.stalled, way.told, 0), rows),
        "rebuffers": _sum(marks.row, marks.stalled, rows),
        "bitrate_ms": rated,
        "rated_ms": play,
        "dropped_frames": reported.dropped[last],
        "rendition_changes": _sum(marks.row, marks.name == CODE[EventName.RENDITION_CHANGE], rows),
        "clean_end": _sum(marks.row, clean, rows) > 0,
    }
    return pa.table({name: columns[name] for name in PLAYBACKS.columns}, schema=schema(PLAYBACKS))


def _sum(row: Ints, values: Any, rows: int) -> Any:
    """Sums by playback; whole numbers stay whole, being far below 2⁵³."""
    total = np.bincount(row, weights=values, minlength=rows).astype(np.float64)
    return total if np.asarray(values).dtype == np.float64 else total.astype(np.int64)


def _longest(way: Steps, moving: Ints, rows: int) -> Ints:
    """The edge that was played from longest; where nothing was played the one that was named, the first of several."""
    marks = way.marks
    named = (marks.edge >= 0) & (marks.name != GONE)
    place = (marks.row * len(EDGES) + marks.edge)[named]
    played = np.bincount(place, weights=moving[named], minlength=rows * len(EDGES))
    seen = np.bincount(place, minlength=rows * len(EDGES)) > 0
    score = np.where(seen, played, -1).reshape(rows, len(EDGES))
    return np.where(score.max(axis=1, initial=-1) < 0, len(EDGES), score.argmax(axis=1))


def _covered(stretch: tuple[Ints, Ints, Ints], rows: int) -> dict[str, Any]:
    row, low, high = merged(*stretch)
    return {"covered_ms": _sum(row, high - low, rows), "stretches": structs(row, low, high, rows)}
