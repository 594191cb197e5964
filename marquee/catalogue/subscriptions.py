"""Subscriptions: the plan of an account, and how it stands."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import SubscriptionRow, now
from marquee.contracts.plans import SubscriptionState


def get(session: Session, account_id: int) -> SubscriptionRow | None:
    """The subscription of an account, if it ever had one."""
    return session.scalar(select(SubscriptionRow).where(SubscriptionRow.account_id == account_id))


def put(
    session: Session,
    account_id: int,
    *,
    plan: str,
    state: SubscriptionState,
    provider: str,
    ends_at: datetime | None = None,
) -> None:
    """Give the account this subscription, in place of the one it has."""
    values = {"plan": plan, "state": state, "provider": provider, "ends_at": ends_at, "updated_at": now()}
    statement = insert(SubscriptionRow).values(account_id=account_id, started_at=now(), **values)
    session.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_=values))


def begin_trial(session: Session, account_id: int, plan: str, ends_at: datetime) -> bool:
    """Begin a trial; False when the account has had a subscription."""
    statement = insert(SubscriptionRow).values(
        account_id=account_id, plan=plan, state=SubscriptionState.TRIALING, provider="trial", ends_at=ends_at
    )
    return session.scalar(statement.on_conflict_do_nothing().returning(SubscriptionRow.account_id)) is not None
