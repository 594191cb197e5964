"""Converts numpy arrays into Arrow columns."""

from typing import TYPE_CHECKING, Any

import numpy as np

from marquee.viewing.simulation.keyed_random import Flags, Ints
from marquee.viewing.simulation.networks import COUNTRIES, DEVICES, PROVIDERS
from marquee.viewing.simulation.viewers import Viewers

if TYPE_CHECKING:
    import pyarrow as pa

ORIGIN = "simulated"


def words(names: tuple[str, ...], which: Ints) -> "pa.Array":
    """A column of strings by their number; null where the number is negative."""
    import pyarrow as pa

    index = pa.array(which.astype(np.int32), mask=which < 0)
    return pa.DictionaryArray.from_arrays(index, pa.array(names, pa.string())).cast(pa.string())


def maybe(values: Ints | Flags, there: Flags) -> "pa.Array":
    """A column that is null where nothing is there."""
    import pyarrow as pa

    return pa.array(values, mask=~there)


def nulls(kind: str, rows: int) -> "pa.Array":
    """A column of nulls of an Arrow type."""
    import pyarrow as pa

    return pa.nulls(rows, pa.type_for_alias(kind))


def structs(row: Ints, low: Ints, high: Ints, rows: int) -> "pa.Array":
    """A list of stretches per row; `row` says, in order, whose each is."""
    import pyarrow as pa

    items = pa.StructArray.from_arrays([pa.array(low), pa.array(high)], names=["from_ms", "to_ms"])
    ends = np.searchsorted(row, np.arange(rows + 1), side="left")
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), items)


def viewer_columns(viewers: Viewers, viewer: Ints, device: Ints) -> dict[str, Any]:
    """The columns that say who watched; `viewer` counts through the whole world, of which `viewers` is all."""
    return {
        "profile_id": viewers.ids[viewer],
        "origin": words((ORIGIN,), np.zeros(len(viewer), np.int64)),
        "device": words(DEVICES, device),
        "country": words(tuple(c.code for c in COUNTRIES), viewers.country[viewer]),
        "isp": words(PROVIDERS, viewers.isp[viewer]),
    }
