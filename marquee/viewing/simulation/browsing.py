"""Browse events of simulated visits: rows shown, searches, titles opened and played."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from marquee.contracts.events import BrowseName
from marquee.contracts.lake import BROWSE
from marquee.contracts.rows import RowKind
from marquee.viewing.lake import schema
from marquee.viewing.simulation.arrow_columns import maybe, nulls, viewer_columns, words
from marquee.viewing.simulation.choice import ROWS, SUGGESTED
from marquee.viewing.simulation.habits import Visits
from marquee.viewing.simulation.keyed_random import Flags, Ints, KeyedRandom
from marquee.viewing.simulation.spec import Spec
from marquee.viewing.simulation.title_traits import TitleTraits
from marquee.viewing.simulation.viewers import ARMS, Viewers, stream_ids

if TYPE_CHECKING:
    import pyarrow as pa

PAGE = tuple(ROWS.index(kind) for kind in RowKind)  # rows from top to bottom
SEARCH = ROWS.index("search")
SHOWN, SEARCHED, SELECTED, PLAYED = range(4)
ACTIONS = tuple(name.value for name in (BrowseName.SHOWN, BrowseName.SEARCH, BrowseName.SELECT, BrowseName.PLAY))
WIDTH = len(PAGE) + 3  # events of a visit, at most
IN_VAIN = 0.25  # of the visits without a playback: a search ends them
UNKNOWN = ("football", "news", "oscar winners", "season 9")  # what half of these look for and nobody has


@dataclass(frozen=True)
class _Reported:
    """Browse events in order, an entry of each array per event."""

    visit: Ints
    column: Ints  # below len(PAGE): a row of the page
    action: Ints
    seq: Ints
    at: Ints  # ms since the visit began


def browse_events(spec: Spec, traits: TitleTraits, viewers: Viewers, visits: Visits) -> "tuple[pa.Table, Ints]":
    """Rows of BROWSE, in order of visit and `seq`, without mess; and when the visit of each began (Unix ms)."""
    import pyarrow as pa

    rng = KeyedRandom(spec.seed)
    place = _places(rng, visits)
    query = _searches(rng, traits, visits)
    results = np.where(query < len(traits.ids), 1 + place, 0)
    reported = _report(rng, visits, query >= 0)
    visit, chosen, shown = reported.visit, reported.action >= SELECTED, reported.action == SHOWN
    viewer, row = visits.viewer[visit], np.where(reported.action == SHOWN, reported.column, visits.row[visit])
    at = visits.at[visit] + reported.at
    arms = tuple(f"{spec.experiment}:{arm}" for arm in ARMS)
    session = visits.session[visit]
    device = (rng.uniform("switches", visits.viewer, visits.played_at) < 0.22).astype(np.int64)
    arm = viewers.arm[viewer] if spec.experiment else np.full(len(viewer), -1, np.int64)
    columns: dict[str, Any] = {
        "visit_id": stream_ids(spec, "stream", visits.at, visits.viewer)[visit],
        "version": np.ones(len(visit), np.int32),
        "seq": reported.seq,
        "name": words(ACTIONS, reported.action),
        "viewer_time_ms": at + viewers.clock_ms[viewer],
        "received_ms": at + 40 + rng.below(2_000, "delay", viewer, at),
        "row": words(ROWS, np.where(reported.action == SEARCHED, -1, row)),
        "position": maybe(place[visit], chosen),
        "titles": _titles(traits, visits, reported, place),
        "query": words(_queries(traits), np.where(reported.action == SEARCHED, query[visit], -1)),
        "results": maybe(results[visit], reported.action == SEARCHED),
        "session_id": maybe(session, reported.action == PLAYED),
        "generation": nulls("int64", len(visit)),
        "arm": words(arms, np.where(shown | chosen, arm, -1)),
        **viewer_columns(viewers, viewer, viewers.devices[visits.viewer, device][visit]),
    }
    return pa.table({name: columns[name] for name in BROWSE.columns}, schema=schema(BROWSE)), visits.at[visit]


def _searches(rng: KeyedRandom, traits: TitleTraits, visits: Visits) -> Ints:
    """By visit: what was searched for, of `_queries`; −1 for nothing."""
    visit, titles = (visits.viewer, visits.at), len(traits.ids)
    unknown = rng.uniform("unknown", *visit) < 0.5
    other = np.where(unknown, titles + rng.below(len(UNKNOWN), "query", *visit), rng.below(titles, "query", *visit))
    in_vain = (visits.row < 0) & (rng.uniform("in vain", *visit) < IN_VAIN)
    return np.where(visits.row == SEARCH, visits.title, np.where(in_vain, other, -1))


def _report(rng: KeyedRandom, visits: Visits, searched: Flags) -> _Reported:
    """Rows come into view one after another until the chosen one has; then it is opened and played."""
    count = len(visits.at)
    depth = 2 + rng.below(len(PAGE) - 1, "depth", visits.viewer, visits.at)
    by_row = (visits.row >= 0) & (visits.row != SEARCH)
    depth = np.where(by_row, np.maximum(depth, visits.row + 1), depth)
    column = np.broadcast_to(np.arange(WIDTH)[None, :], (count, WIDTH))
    action = np.maximum(SHOWN, np.arange(WIDTH) - len(PAGE) + 1)[None, :] + np.zeros((count, 1), np.int64)
    there = np.where(column < len(PAGE), column < depth[:, None], (visits.row >= 0)[:, None])
    there = np.where(action == SEARCHED, searched[:, None], there)
    end = np.where(visits.row >= 0, visits.played_at - visits.at, 5_000 + 350 * depth)[:, None]
    offsets = np.asarray([-2_500, -900, 5])  # before and after the playback's session was made
    at = np.where(column < len(PAGE), 400 + 350 * column, 0)
    at[:, len(PAGE) :] = end + offsets
    seq = np.cumsum(there, axis=1) - 1
    visit = np.broadcast_to(np.arange(count)[:, None], there.shape)
    return _Reported(visit[there], column[there], action[there], seq[there], at[there])


def _places(rng: KeyedRandom, visits: Visits) -> Ints:
    """Where in its row, or among the results, the chosen title stood: rather in front."""
    u = rng.uniform("place", visits.viewer, visits.at)
    return np.floor(SUGGESTED * u * u).astype(np.int64)


def _titles(traits: TitleTraits, visits: Visits, reported: _Reported, place: Ints) -> "pa.Array":
    """What a row showed, the chosen title at its place; what was opened or played; nothing for a search."""
    import pyarrow as pa

    shift = np.where(reported.action == SHOWN, reported.column, 0)[:, None]  # each row begins elsewhere
    listed = np.take_along_axis(
        visits.suggested[reported.visit], (np.arange(SUGGESTED)[None, :] + shift) % SUGGESTED, 1
    )
    title, spot = visits.title[reported.visit], place[reported.visit]
    listed = np.where(listed == title[:, None], -1, listed)
    chosen = (reported.action == SHOWN) & (reported.column == visits.row[reported.visit])
    listed[chosen, spot[chosen]] = title[chosen]
    listed[reported.action != SHOWN] = -1
    single = reported.action >= SELECTED
    listed[single, 0] = title[single]
    listed = _once(listed)
    there = listed >= 0
    ends = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(traits.ids[listed[there]]))


def _once(listed: Ints) -> Ints:
    """Each title of a row once: later copies become −1."""
    copies = listed[:, :, None] == listed[:, None, :]
    return np.where(np.tril(copies, -1).any(axis=2), -1, listed)


def _queries(traits: TitleTraits) -> tuple[str, ...]:
    """What viewers type to find each title, the second word of its name or the only one; then what is unknown."""
    return (*((name.lower().split() or [""])[:2][-1] for name in traits.names), *UNKNOWN)
