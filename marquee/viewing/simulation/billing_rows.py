"""Simulated subscriptions as rows: payments, and changes of plan and state. No row is of later than the spec's end."""

from typing import TYPE_CHECKING, Any

import numpy as np

from marquee.contracts.lake import PAYMENTS, SUBSCRIPTION_CHANGES
from marquee.contracts.plans import SubscriptionState
from marquee.viewing.lake import schema
from marquee.viewing.simulation.arrow_columns import ORIGIN, maybe, words
from marquee.viewing.simulation.keyed_random import Flags, Ints
from marquee.viewing.simulation.networks import COUNTRIES
from marquee.viewing.simulation.spec import DAY_MS, Spec
from marquee.viewing.simulation.subscriptions import (
    GIVEN_UP_AFTER_MS,
    PERIOD_MS,
    PLANS,
    REFUNDED_AFTER_MS,
    STATUS,
    TRIAL_MS,
    Subscriptions,
    charges,
    subscriptions,
)
from marquee.viewing.simulation.viewers import Viewers, stream_ids

if TYPE_CHECKING:
    import pyarrow as pa

MINOR = {"USD": (799, 1299, 1799), "GBP": (699, 1099, 1599), "EUR": (799, 1299, 1799), "INR": (14900, 29900, 49900)}
MINOR["JPY"] = (890, 1490, 1980)  # the yen has no smaller unit
PRICES = np.asarray([MINOR[country.currency] for country in COUNTRIES], np.int64)
STATES = tuple(SubscriptionState)
TRIALING, ACTIVE, PAST_DUE, UNPAID, CANCELED = (
    STATES.index(SubscriptionState(name)) for name in ("trialing", "active", "past_due", "unpaid", "canceled")
)
PROVIDERS = ("trial", "simulation")


def payments(spec: Spec, viewers: Viewers) -> "pa.Table":
    """Rows of PAYMENTS: charges for 30 days each, and those that were tried again, within the spec's period."""
    import pyarrow as pa

    plans = subscriptions(spec, viewers)
    due = charges(spec, plans)
    again = np.flatnonzero((due.again_at > 0) & (due.again_at < spec.end_ms))
    which = np.concatenate([np.flatnonzero(due.at < spec.end_ms), again])
    tried_again = np.arange(len(which)) >= len(which) - len(again)
    viewer, begins = due.viewer[which], due.begins[which]
    tried = np.where(tried_again, due.again_at[which], due.at[which])
    status = np.where(due.failed[which] & ~tried_again, STATUS.index("failed"), STATUS.index("paid"))
    status = np.where(due.refunded[which], STATUS.index("refunded"), status)
    plan, country = plans.plan_at(viewer, begins), viewers.country[viewer]
    columns: dict[str, Any] = {
        "payment_id": pa.array(stream_ids(spec, "payment", tried, plans.who[viewer])).cast(pa.string()),
        "account_id": viewers.ids[viewer],
        "origin": words((ORIGIN,), np.zeros(len(which), np.int64)),
        "plan": words(PLANS, plan),
        "period_start_ms": begins,
        "period_end_ms": begins + PERIOD_MS,
        "amount_minor": PRICES[country, plan],
        "currency": words(tuple(c.currency for c in COUNTRIES), country),
        "status": words(STATUS, status),
        "at_ms": tried + np.where(due.refunded[which], REFUNDED_AFTER_MS, 0),
    }
    return pa.table({name: columns[name] for name in PAYMENTS.columns}, schema=schema(PAYMENTS))


def subscription_changes(spec: Spec, viewers: Viewers) -> "pa.Table":
    """Rows of SUBSCRIPTION_CHANGES, from each viewer's first day on, viewer after viewer in order of time.

    A trial that nobody pays after ends without a row, as it does in the catalogue.
    """
    import pyarrow as pa

    plans = subscriptions(spec, viewers)
    viewer, at, state = _known(spec, *_steps(spec, plans))
    plan = plans.plan_at(viewer, at)
    first = np.append(True, viewer[1:] != viewer[:-1])[: len(viewer)]
    running = (state == TRIALING) & np.append(first[1:], True)[: len(viewer)]
    columns: dict[str, Any] = {
        "change_id": stream_ids(spec, "subscription change", at, plans.who[viewer]),
        "account_id": viewers.ids[viewer],
        "origin": words((ORIGIN,), np.zeros(len(viewer), np.int64)),
        "provider": words(PROVIDERS, np.where(state == TRIALING, 0, 1)),
        "from_plan": words(PLANS, _before(plan, first)),
        "from_state": words(STATES, _before(state, first)),
        "plan": words(PLANS, plan),
        "state": words(STATES, state),
        "at_ms": at,
        "ends_ms": maybe(at + TRIAL_MS, running),
    }
    return pa.table({name: columns[name] for name in SUBSCRIPTION_CHANGES.columns}, schema=schema(SUBSCRIPTION_CHANGES))


def _steps(spec: Spec, plans: Subscriptions) -> tuple[Ints, Ints, Ints]:
    """Viewer (place in the batch), time and state from then on of every change, those to come as well."""
    due = charges(spec, plans)
    everybody, again = np.arange(len(plans.who)), due.again_at > 0
    ends_well = plans.pays & ~plans.cannot_pay
    unpaid_at = np.maximum(plans.leaves, plans.last + DAY_MS)
    changes = plans.pays & (plans.changes_at < plans.leaves)
    parts = (
        (everybody[plans.trial], plans.begins[plans.trial], TRIALING),
        (everybody[plans.pays], plans.paid_from[plans.pays], ACTIVE),
        (everybody[changes], plans.changes_at[changes], ACTIVE),
        (due.viewer[due.failed], due.at[due.failed], PAST_DUE),
        (due.viewer[again], due.again_at[again], ACTIVE),
        (everybody[plans.cannot_pay], unpaid_at[plans.cannot_pay], UNPAID),
        (everybody[plans.cannot_pay], unpaid_at[plans.cannot_pay] + GIVEN_UP_AFTER_MS, CANCELED),
        (everybody[ends_well], (plans.last + PERIOD_MS)[ends_well], CANCELED),
    )
    viewer = np.concatenate([who for who, _, _ in parts])
    at = np.concatenate([moment for _, moment, _ in parts])
    return viewer, at, np.concatenate([np.full(len(who), state) for who, _, state in parts])


def _known(spec: Spec, viewer: Ints, at: Ints, state: Ints) -> tuple[Ints, Ints, Ints]:
    """What has happened by the spec's end, viewer after viewer in order of time."""
    order = np.lexsort((at, viewer))
    order = order[at[order] < spec.end_ms]
    return viewer[order], at[order], state[order]


def _before(values: Ints, first: Flags) -> Ints:
    """Each row's value before; -1 for a viewer's first."""
    return np.where(first, -1, np.append(-1, values[:-1])[: len(values)])
