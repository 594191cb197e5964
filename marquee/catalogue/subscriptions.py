"""Subscriptions: the plan of an account, how it stands, and each change of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import AccountRow, SubscriptionChange, SubscriptionRow, now
from marquee.contracts.plans import SubscriptionState

TERMS = ("provider_id", "currency", "amount", "renews_at", "cancels_at", "retry_at", "ends_at")


def get(session: Session, account_id: int) -> SubscriptionRow | None:
    """The subscription of an account, if it ever had one."""
    return session.scalar(select(SubscriptionRow).where(SubscriptionRow.account_id == account_id))


def of_accounts(session: Session, account_ids: Iterable[int]) -> Sequence[SubscriptionRow]:
    """The subscriptions of many accounts, for the reconciliation with a provider."""
    return session.scalars(select(SubscriptionRow).where(SubscriptionRow.account_id.in_(account_ids))).all()


def put(
    session: Session, account_id: int, *, plan: str, state: SubscriptionState, provider: str, **terms: Any
) -> tuple[str | None, SubscriptionState | None]:
    """Give the account this subscription, in place of the one it has; the plan and state before. `terms` are TERMS.

    Raises NotFound for no such account.
    """
    origin = _origin(session, account_id)
    before = get(session, account_id)
    was = (before.plan, SubscriptionState(before.state)) if before else (None, None)
    values = dict.fromkeys(TERMS) | {"plan": plan, "state": state, "provider": provider, "updated_at": now(), **terms}
    statement = insert(SubscriptionRow).values(account_id=account_id, started_at=now(), **values)
    session.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_=values))
    if was != (plan, state):
        _note(session, account_id, origin, provider, was, (plan, state))
    return was


def begin_trial(session: Session, account_id: int, plan: str, ends_at: datetime) -> bool:
    """Begin a trial; False when the account has had a subscription. Raises NotFound for no such account."""
    origin = _origin(session, account_id)
    statement = insert(SubscriptionRow).values(
        account_id=account_id, plan=plan, state=SubscriptionState.TRIALING, provider="trial", ends_at=ends_at
    )
    begun = session.scalar(statement.on_conflict_do_nothing().returning(SubscriptionRow.account_id)) is not None
    if begun:
        _note(session, account_id, origin, "trial", (None, None), (plan, SubscriptionState.TRIALING))
    return begun


def end(session: Session, account_id: int) -> None:
    """Note that the plan of an account ends with the account, which is about to be deleted."""
    held = get(session, account_id)
    if held is None or held.state == SubscriptionState.CANCELED:
        return
    origin, over = _origin(session, account_id), (held.plan, SubscriptionState.CANCELED)
    _note(session, account_id, origin, held.provider, (held.plan, held.state), over)


def _origin(session: Session, account_id: int) -> str:
    """The origin of the account, which is locked: of two that change its subscription the second sees the first."""
    wanted = select(AccountRow.origin).where(AccountRow.id == account_id).with_for_update(key_share=True)
    return session.scalars(wanted).one()


def _note(
    session: Session,
    account_id: int,
    origin: str,
    provider: str,
    was: tuple[str | None, str | None],
    now_is: tuple[str, str],
) -> None:
    from_plan, from_state = was
    plan, state = now_is
    session.add(
        SubscriptionChange(
            account_id=account_id, origin=origin, provider=provider,
            from_plan=from_plan, from_state=from_state, plan=plan, state=state,
        )
    )  # fmt: skip
