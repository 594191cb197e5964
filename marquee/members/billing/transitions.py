"""How a subscription's state may change, and what the member is told of it.

The states and their order are Stripe's (docs.stripe.com/billing/subscriptions/overview). The provider's word holds in
any case; a change that no way leads to is logged.
"""

from marquee.contracts.members import MailKind
from marquee.contracts.plans import SubscriptionState as State

TRANSITIONS: dict[State | None, frozenset[State]] = {
    None: frozenset({State.INCOMPLETE, State.TRIALING, State.ACTIVE}),
    State.INCOMPLETE: frozenset({State.ACTIVE, State.CANCELED}),
    State.TRIALING: frozenset({State.ACTIVE, State.PAST_DUE, State.PAUSED, State.CANCELED}),
    State.ACTIVE: frozenset({State.PAST_DUE, State.CANCELED}),
    State.PAST_DUE: frozenset({State.ACTIVE, State.UNPAID, State.CANCELED}),
    State.UNPAID: frozenset({State.ACTIVE, State.CANCELED}),
    State.PAUSED: frozenset({State.ACTIVE, State.PAST_DUE, State.CANCELED}),
    State.CANCELED: frozenset({State.INCOMPLETE, State.TRIALING, State.ACTIVE}),  # by another subscription
}
PLAYS = {State.TRIALING, State.ACTIVE}
WAS_DUE = {State.PAST_DUE, State.UNPAID, State.PAUSED}
TOLD = {
    State.PAST_DUE: MailKind.PAYMENT_FAILED,
    State.UNPAID: MailKind.PLAYBACK_STOPPED,
    State.PAUSED: MailKind.PLAYBACK_STOPPED,
    State.CANCELED: MailKind.PLAN_ENDED,
}


def possible(was: State | None, now: State) -> bool:
    """Whether a way leads from one state to the other, over others whose reports were lost, too."""
    reached: set[State | None] = {was}
    edge = reached
    while edge:
        edge = {then for state in edge for then in TRANSITIONS[state] if then not in reached}
        reached = reached | edge
    return now in reached


def message(was: State | None, now: State) -> MailKind | None:
    """What the member gets in writing."""
    if now in PLAYS:
        if was in WAS_DUE:
            return MailKind.PAYMENT_RECEIVED
        return MailKind.SUBSCRIBED if was not in PLAYS else None
    if now is State.CANCELED and was in {None, State.INCOMPLETE}:
        return None  # it never began
    return TOLD.get(now) if was is not now else None
