"""Simulated viewers as rows: profiles, and what they pay."""

from typing import TYPE_CHECKING, Any

import numpy as np

from marquee.contracts.lake import PAYMENTS, PROFILES
from marquee.viewing.lake import schema
from marquee.viewing.simulation.arrow_columns import ORIGIN, words
from marquee.viewing.simulation.keyed_random import Ints, KeyedRandom
from marquee.viewing.simulation.names import FIRST, LAST
from marquee.viewing.simulation.networks import COUNTRIES, DEVICES
from marquee.viewing.simulation.spec import DAY_MS, HOUR_MS, Spec
from marquee.viewing.simulation.viewers import Viewers, stream_ids

if TYPE_CHECKING:
    import pyarrow as pa

PERIOD_MS = 30 * DAY_MS
PLANS = ("basic", "standard", "premium")
PLAN_SHARES = (0.35, 0.45, 0.2)
MINOR = {"USD": (799, 1299, 1799), "GBP": (699, 1099, 1599), "EUR": (799, 1299, 1799), "INR": (14900, 29900, 49900)}
MINOR["JPY"] = (890, 1490, 1980)  # the yen has no smaller unit
PRICES = np.asarray([MINOR[country.currency] for country in COUNTRIES], np.int64)
STATUS = ("paid", "failed", "refunded")
STATUS_SHARES = (0.96, 0.03, 0.01)


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


def payments(spec: Spec, viewers: Viewers) -> "pa.Table":
    """Rows of PAYMENTS: charges for 30 days each, from a viewer's first day to the last, within the spec's period."""
    import pyarrow as pa

    rng = KeyedRandom(spec.seed)
    viewer, begins = _periods(spec, viewers)
    who = viewers.index[viewer]
    status = rng.pick(STATUS_SHARES, "status", who, begins)
    refunded = status == STATUS.index("refunded")
    at = begins + rng.below(HOUR_MS, "charged", who, begins) + np.where(refunded, 5 * DAY_MS, 0)
    plan, country = rng.pick(PLAN_SHARES, "plan", who), viewers.country[viewer]
    columns: dict[str, Any] = {
        "payment_id": stream_ids(spec, "payment", begins, who),
        "profile_id": viewers.ids[viewer],
        "origin": words((ORIGIN,), np.zeros(len(who), np.int64)),
        "plan": words(PLANS, plan),
        "period_start_ms": begins,
        "period_end_ms": begins + PERIOD_MS,
        "amount_minor": PRICES[country, plan],
        "currency": words(tuple(c.currency for c in COUNTRIES), country),
        "status": words(STATUS, status),
        "at_ms": at,
    }
    return pa.table({name: columns[name] for name in PAYMENTS.columns}, schema=schema(PAYMENTS))


def _periods(spec: Spec, viewers: Viewers) -> tuple[Ints, Ints]:
    """Viewer (place in the viewers) and start of each period that begins while the viewer is there."""
    past = np.maximum(0, -(-(spec.start_ms - viewers.created_ms) // PERIOD_MS))
    first = viewers.created_ms + past * PERIOD_MS
    until = np.minimum(viewers.leaves_ms, spec.end_ms)
    count = np.maximum(0, -(-(until - first) // PERIOD_MS))
    viewer = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(viewer)) - np.repeat(np.cumsum(count) - count, count)
    return viewer, first[viewer] + number * PERIOD_MS
