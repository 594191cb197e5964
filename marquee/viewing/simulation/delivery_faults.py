"""Faults between player and event log: duplicates, delays, wrong clocks, and bodies that must be refused."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from marquee.viewing.simulation.keyed_random import Floats, Ints, KeyedRandom
from marquee.viewing.simulation.spec import DAY_MS, MINUTE_MS, Spec

if TYPE_CHECKING:
    import pyarrow as pa

GARBLED = ("viewer_time_ms", "position_ms", "position")  # what a copy that is not the same may get wrong


def messy(spec: Spec, rows: "pa.Table", stream: str) -> "pa.Table":
    """Rows as the log may hold them: some late, some twice, in any order. `stream` names the column of the stream's id.

    A copy is always received after its original, so what counts is what counted before. Wrong clocks are given to
    viewers, not to rows: see `viewers`.
    """
    faults = spec.faults
    if not (faults.duplicates or faults.late or faults.reordered) or not rows.num_rows:
        return rows
    rows = _copied(spec, _delayed(spec, rows, stream), stream)
    if not faults.reordered:
        return rows
    order = np.argsort(
        KeyedRandom(spec.seed).bits("order", *_place(rows, stream), np.arange(rows.num_rows)), kind="stable"
    )
    return rows.take(order)


def _place(rows: "pa.Table", stream: str) -> tuple[Ints, Ints]:
    return rows[stream].to_numpy(), rows["seq"].to_numpy()


def _chance(spec: Spec, rows: "pa.Table", stream: str, purpose: str) -> Floats:
    return KeyedRandom(spec.seed).uniform(purpose, *_place(rows, stream))


def _set(rows: "pa.Table", name: str, values: Any) -> "pa.Table":
    return rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), [values])


def _delayed(spec: Spec, rows: "pa.Table", stream: str) -> "pa.Table":
    late = _chance(spec, rows, stream, "late") < spec.faults.late
    by = np.where(late, _chance(spec, rows, stream, "by") * 3 * DAY_MS, 0).astype(np.int64)
    return _set(rows, "received_ms", rows["received_ms"].to_numpy() + by)


def _copied(spec: Spec, rows: "pa.Table", stream: str) -> "pa.Table":
    import pyarrow as pa

    chance = _chance(spec, rows, stream, "again")
    copies = rows.filter(pa.array(chance < spec.faults.duplicates))
    later = 1 + (_chance(spec, copies, stream, "later") * 10 * MINUTE_MS).astype(np.int64)
    copies = _set(copies, "received_ms", copies["received_ms"].to_numpy() + later)
    wrong = _chance(spec, copies, stream, "garbled") < 0.3
    for name in GARBLED:
        if name in rows.column_names:
            values = copies[name].to_numpy(zero_copy_only=False)
            spoilt = pa.array(np.where(wrong, values + 777, values), from_pandas=True).cast(pa.int64())
            copies = _set(copies, name, spoilt)
    return pa.concat_tables([rows, copies])


def malformed(seed: int, count: int) -> Iterator[bytes]:
    """Bodies for `POST /v1/events` in each of which something is wrong, deterministic by seed."""
    rng = KeyedRandom(seed)
    for number in range(count):
        event = {
            "session_id": str(int(rng.bits("session", number) >> np.uint64(1))),
            "seq": int(rng.below(100, "seq", number)),
            "name": "heartbeat",
            "viewer_time_ms": 1_750_000_000_000,
            "position_ms": int(rng.below(10_000_000, "position", number)),
        }
        yield _spoilt(event, number)


def _spoilt(event: dict[str, Any], number: int) -> bytes:
    """One of the ways to be wrong, in turn."""
    ways: tuple[dict[str, Any], ...] = (
        {},  # right, but the body is cut off below
        {"name": "explode"},
        {"seq": -1},
        {"position_ms": "everywhere"},
        {"viewer_time_ms": 5},
        {"session_id": "not-an-id"},
        {"version": 9},
        {"surprise": True},
    )
    change = ways[number % len(ways)]
    body = json.dumps({"events": [event | change]}).encode()
    return body if change else body[: len(body) // 2]
