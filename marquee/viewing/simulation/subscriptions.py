"""Simulated subscriptions: trials, charges every 30 days, changes of plan, and how they end.

Some begin with a trial. Who converts pays until the viewer leaves: by then the plan was cancelled, or could not be paid
any more. A charge that fails otherwise succeeds some days later. What comes after the spec's period is not known yet.
"""

from dataclasses import dataclass

import numpy as np

from marquee.viewing.simulation.keyed_random import Flags, Ints, KeyedRandom
from marquee.viewing.simulation.spec import DAY_MS, HOUR_MS, Spec
from marquee.viewing.simulation.viewers import Viewers

PERIOD_MS, TRIAL_MS = 30 * DAY_MS, 14 * DAY_MS
PLANS = ("basic", "standard", "premium")
PLAN_SHARES = (0.35, 0.45, 0.2)
TRIALS, AT_ITS_END = 0.4, 0.5  # share of viewers who try first, and of them, who pay only when the trial is over
CHANGES, CHANGED_WITHIN = 0.2, 4  # share of viewers who change the plan, with one of so many charges after the first
CANNOT_PAY = 0.25  # share of those who leave
STATUS = ("paid", "failed", "refunded")
STATUS_SHARES = (0.96, 0.03, 0.01)
REFUNDED_AFTER_MS, GIVEN_UP_AFTER_MS = 5 * DAY_MS, 14 * DAY_MS


@dataclass(frozen=True)
class Subscriptions:
    """What a batch of viewers does with its plan, an entry of each array per viewer; times are Unix ms."""

    who: Ints  # viewers.index
    begins: Ints  # of the trial or of the plan
    leaves: Ints
    trial: Flags
    paid_from: Ints
    pays: Flags  # it leaves later than its trial could end
    plan: Ints  # of PLANS, at first
    other: Ints  # the plan that it changes to
    changes_at: Ints  # when it changes; never where it does not
    last: Ints  # start of the period in which it leaves
    cannot_pay: Flags  # the charge of that period fails for good

    def plan_at(self, viewer: Ints, at: Ints) -> Ints:
        """The plans of some viewers (places in the arrays) at some moments."""
        return np.where(at >= self.changes_at[viewer], self.other[viewer], self.plan[viewer])


def subscriptions(spec: Spec, viewers: Viewers) -> Subscriptions:
    """The subscriptions of a batch."""
    rng, who = KeyedRandom(spec.seed), viewers.index
    trial = rng.uniform("trial", who) < TRIALS
    sooner = DAY_MS + rng.below(TRIAL_MS - DAY_MS, "converts", who)
    tried = np.where(rng.uniform("converts at the end", who) < AT_ITS_END, TRIAL_MS, sooner)
    paid_from = viewers.created_ms + np.where(trial, tried, 0)
    last = paid_from + (viewers.leaves_ms - 1 - paid_from) // PERIOD_MS * PERIOD_MS
    plan = rng.pick(PLAN_SHARES, "plan", who)
    changed = paid_from + (1 + rng.below(CHANGED_WITHIN, "changes with", who)) * PERIOD_MS
    changes = (rng.uniform("changes plan", who) < CHANGES) & (changed <= last)
    return Subscriptions(
        who=who,
        begins=viewers.created_ms,
        leaves=viewers.leaves_ms,
        trial=trial,
        paid_from=paid_from,
        pays=paid_from < viewers.leaves_ms,
        plan=plan,
        other=(plan + 1 + rng.below(len(PLANS) - 1, "other plan", who)) % len(PLANS),
        changes_at=np.where(changes, changed, np.iinfo(np.int64).max),
        last=last,
        cannot_pay=(rng.uniform("cannot pay", who) < CANNOT_PAY) & (last > paid_from) & (last >= spec.start_ms),
    )


@dataclass(frozen=True)
class Charges:
    """The charges that fall due within the spec's period, an entry of each array per charge."""

    viewer: Ints  # place in the batch
    begins: Ints  # of the 30 days that are paid
    at: Ints  # when it was tried
    failed: Flags
    refunded: Flags
    again_at: Ints  # when one that failed went through after all; 0 for others


def charges(spec: Spec, plans: Subscriptions) -> Charges:
    """The charges of a batch. The first of a subscription never fails: without it there is none."""
    rng = KeyedRandom(spec.seed)
    viewer, begins = _periods(spec, plans)
    who = plans.who[viewer]
    status = rng.pick(STATUS_SHARES, "status", who, begins)
    at = begins + 1 + rng.below(HOUR_MS, "charged", who, begins)
    last, first = begins == plans.last[viewer], begins == plans.paid_from[viewer]
    failed = np.where(last, plans.cannot_pay[viewer], (status == STATUS.index("failed")) & ~first)
    refunded = (status == STATUS.index("refunded")) & ~failed & (at + REFUNDED_AFTER_MS < spec.end_ms)
    again = at + DAY_MS + rng.below(5 * DAY_MS, "charged again", who, begins)
    return Charges(viewer, begins, at, failed, refunded, np.where(failed & ~last, again, 0))


def _periods(spec: Spec, plans: Subscriptions) -> tuple[Ints, Ints]:
    """Viewer (place in the batch) and start of each period that begins while the viewer is there."""
    past = np.maximum(0, -(-(spec.start_ms - plans.paid_from) // PERIOD_MS))
    first = plans.paid_from + past * PERIOD_MS
    until = np.minimum(plans.leaves, spec.end_ms)
    count = np.maximum(0, -(-(until - first) // PERIOD_MS))
    viewer = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(viewer)) - np.repeat(np.cumsum(count) - count, count)
    return viewer, first[viewer] + number * PERIOD_MS
