"""Viewers: what of a profile and its account decides what it may watch."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marquee.catalogue.models import AccountRow, ProfileRow, SubscriptionRow
from marquee.contracts.errors import NotFound


@dataclass(frozen=True, slots=True)
class Viewer:
    """A profile's limits, and how its account stands."""

    account_id: int
    kids: bool
    age_limit: int | None
    email_verified: bool
    subscription: tuple[str, str, datetime | None] | None  # plan, state, end of a trial


COLUMNS = (
    ProfileRow.kids,
    ProfileRow.age_limit,
    AccountRow.email_verified_at,
    SubscriptionRow.plan,
    SubscriptionRow.state,
    SubscriptionRow.ends_at,
)
_VIEWER = (
    select(*COLUMNS)
    .join(AccountRow, AccountRow.id == ProfileRow.account_id)
    .outerjoin(SubscriptionRow, SubscriptionRow.account_id == ProfileRow.account_id)
    .with_for_update(of=AccountRow)
)


def locked(session: Session, account_id: int, profile_id: int) -> Viewer:
    """A profile of an account, by one statement; others who lock the account wait. Raises NotFound."""
    own = ProfileRow.account_id == account_id, ProfileRow.id == profile_id
    account = AccountRow.id == account_id  # said again: PostgreSQL drops partitions by constants only
    found = session.execute(_VIEWER.where(*own, account)).one_or_none()
    if found is None:
        raise NotFound("no such profile", where="profile_id", got=str(profile_id))
    return viewer(account_id, *found)


def viewer(
    account_id: int,
    kids: bool,
    age_limit: int | None,
    verified_at: datetime | None,
    plan: str | None,
    state: str | None,
    ends_at: datetime | None,
) -> Viewer:
    """A viewer from the values of `COLUMNS`."""
    subscription = None if plan is None or state is None else (plan, state, ends_at)
    return Viewer(account_id, kids, age_limit, verified_at is not None, subscription)
