"""Merges ranges of the programme."""

import numpy as np

from marquee.viewing.simulation.keyed_random import Ints


def merged(group: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints, Ints]:
    """The union of the stretches [low, high) of each group, as (group, low, high) in order; touching ones are joined.

    `group` holds numbers from 0; stretches that are empty count for nothing.
    """
    filled = high > low
    group, low, high = group[filled], low[filled], high[filled]
    if not len(group):
        return group, low, high
    order = np.lexsort((high, low, group))
    group, low, high = group[order], low[order], high[order]
    width = int(high.max()) + 1
    reach = np.maximum.accumulate(high + group * width)  # the furthest end so far; never that of an earlier group
    opens = np.append(True, low[1:] + group[1:] * width > reach[:-1])
    closes = np.append(opens[1:], True)
    return group[opens], low[opens], (reach - group * width)[closes]
