"""Viewers: what of a profile and its account decides what it may watch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marquee.catalogue.rows import Ask
from marquee.contracts.errors import NotFound


@dataclass(frozen=True, slots=True)
class Viewer:
    """A profile's limits, and how its account stands."""

    account_id: int
    kids: bool
    age_limit: int | None
    email_verified: bool
    subscription: tuple[str, str, datetime | None] | None  # plan, state, end of a trial


VIEWER = """
    select p.kids, p.age_limit, a.email_verified_at, u.plan, u.state, u.ends_at
    from profiles p
    join accounts a on a.id = $1::bigint
    left join subscriptions u on u.account_id = $1::bigint
    where p.account_id = $1::bigint and p.id = $2::bigint
"""
LOCKED = VIEWER + " for update of a"


async def get(ask: Ask, account_id: int, profile_id: int) -> Viewer:
    """A profile of an account. Raises NotFound."""
    return _viewer(account_id, profile_id, await ask(VIEWER, account_id, profile_id))


async def locked(ask: Ask, account_id: int, profile_id: int) -> Viewer:
    """The same; others who lock the account wait until the transaction ends. Raises NotFound."""
    return _viewer(account_id, profile_id, await ask(LOCKED, account_id, profile_id))


def _viewer(account_id: int, profile_id: int, rows: Sequence[Any]) -> Viewer:
    for kids, age_limit, verified_at, plan, state, ends_at in rows:
        subscription = None if plan is None else (plan, state, ends_at)
        return Viewer(account_id, kids, age_limit, verified_at is not None, subscription)
    raise NotFound("no such profile", where="profile_id", got=str(profile_id))
