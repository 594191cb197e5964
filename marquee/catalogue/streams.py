"""Streams: what the devices of an account are playing, as their heartbeats say."""

from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import DeviceRow, PlaybackSessionRow, StreamRow, now
from marquee.catalogue.rows import Ask
from marquee.contracts.entitlement import Stream


def playing(session: Session, account_id: int, *, within_s: float) -> list[Stream]:
    """The account's streams that were seen so lately, the oldest first."""
    lately = StreamRow.account_id == account_id, StreamRow.seen_at > now() - timedelta(seconds=within_s)
    rows = session.scalars(select(StreamRow).where(*lately).order_by(StreamRow.session_id))
    return [Stream(row.session_id, row.device, row.profile_id, row.title_id, row.started_at) for row in rows]


def begin(session: Session, row: PlaybackSessionRow, *, within_s: float) -> None:
    """Give a session a place among the account's streams; those that were not seen so lately lose theirs."""
    old = StreamRow.account_id == row.account_id, StreamRow.seen_at <= now() - timedelta(seconds=within_s)
    session.execute(delete(StreamRow).where(*old))
    own = DeviceRow.account_id == row.account_id, DeviceRow.id == row.device_id
    name = select(func.coalesce(func.nullif(DeviceRow.name, ""), DeviceRow.kind)).where(*own).scalar_subquery()
    statement = insert(StreamRow).values(
        account_id=row.account_id,
        session_id=row.id,
        profile_id=row.profile_id,
        title_id=row.title_id,
        device_id=row.device_id,
        device=func.coalesce(name, row.device),
        started_at=row.started_at,
    )
    same = ["account_id", "session_id"]
    session.execute(statement.on_conflict_do_update(index_elements=same, set_={"seen_at": now()}))


KEPT = """
    with seen as (
        update streams set seen_at = now()
        where account_id = $1::bigint and session_id = $2::bigint and seen_at > now() - make_interval(secs => $3::float)
        returning 1
    ), placed as (
        insert into progress (account_id, profile_id, title_id, position_ms, updated_at)
        select $1::bigint, $4::bigint, $5::bigint, $6::bigint, now()
        where $6::bigint is not null and exists (select from seen)
        on conflict (account_id, profile_id, title_id)
        do update set position_ms = excluded.position_ms, updated_at = excluded.updated_at
    )
    select 1 from seen
"""


async def keep(ask: Ask, row: PlaybackSessionRow, position_ms: int | None, *, within_s: float) -> bool:
    """Note that a stream lives, and where it is; False for one that was not seen so lately.

    The place of such a one may be another's by now, so nothing is noted.
    """
    return bool(await ask(KEPT, row.account_id, row.id, within_s, row.profile_id, row.title_id, position_ms))


def end(session: Session, account_id: int, session_id: int) -> bool:
    """Free the stream's place; False when it had none."""
    own = StreamRow.account_id == account_id, StreamRow.session_id == session_id
    return session.scalar(delete(StreamRow).where(*own).returning(StreamRow.session_id)) is not None
