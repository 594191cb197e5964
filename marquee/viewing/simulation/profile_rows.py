"""Simulated viewers as rows of profiles, and their names."""

from typing import TYPE_CHECKING, Any

import numpy as np

from marquee.contracts.lake import PROFILES
from marquee.viewing.lake import schema
from marquee.viewing.simulation.arrow_columns import ORIGIN, words
from marquee.viewing.simulation.keyed_random import KeyedRandom
from marquee.viewing.simulation.names import FIRST, LAST
from marquee.viewing.simulation.networks import COUNTRIES, DEVICES
from marquee.viewing.simulation.spec import Spec
from marquee.viewing.simulation.viewers import Viewers

if TYPE_CHECKING:
    import pyarrow as pa


def profiles(viewers: Viewers) -> "pa.Table":
    """Rows of PROFILES."""
    import pyarrow as pa

    columns: dict[str, Any] = {
        "profile_id": viewers.ids,
        "origin": words((ORIGIN,), np.zeros(len(viewers.ids), np.int64)),
        "languages": [_languages(viewers, n) for n in range(len(viewers.ids))],
        "kids": viewers.kids == 1,
        "device": words(DEVICES, viewers.devices[:, 0]),
        "country": words(tuple(c.code for c in COUNTRIES), viewers.country),
        "traits": [[]] * len(viewers.ids),
        "picks": [[]] * len(viewers.ids),
        "created_ms": viewers.created_ms,
    }
    return pa.table({name: columns[name] for name in PROFILES.columns}, schema=schema(PROFILES))


def _languages(viewers: Viewers, n: int) -> list[str]:
    spoken = COUNTRIES[viewers.country[n]].languages
    return list(spoken if viewers.second_language[n] else spoken[:1])


def names(spec: Spec, viewers: Viewers) -> list[str]:
    """Names of the viewers: plausible, and nobody's."""
    rng = KeyedRandom(spec.seed)
    first, last = (
        rng.below(len(FIRST), "first name", viewers.index),
        rng.below(len(LAST), "last name", viewers.index),
    )
    return [f"{FIRST[f]} {LAST[n]}" for f, n in zip(first, last, strict=True)]
