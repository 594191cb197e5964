"""Streams: what the devices of an account are playing, as their heartbeats say."""

from marquee.catalogue.models import PlaybackSessionRow
from marquee.catalogue.rows import Ask
from marquee.contracts.entitlement import Stream

PLAYING = """
    select session_id, device, profile_id, title_id, started_at from streams
    where account_id = $1::bigint and seen_at > now() - make_interval(secs => $2::float)
    order by session_id
"""
BEGUN = """
    with silent as (
        delete from streams
        where account_id = $1::bigint and session_id <> $2::bigint
          and seen_at <= now() - make_interval(secs => $3::float)
    )
    insert into streams (account_id, session_id, profile_id, title_id, device_id, device, started_at, seen_at)
    select $1::bigint, $2::bigint, $4::bigint, $5::bigint, $6::bigint, coalesce(
        (select coalesce(nullif(name, ''), kind) from devices where account_id = $1::bigint and id = $6::bigint), $7
    ), $8::timestamptz, now()
    on conflict (account_id, session_id) do update set seen_at = now()
"""
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
ENDED = "delete from streams where account_id = $1::bigint and session_id = $2::bigint"


async def playing(ask: Ask, account_id: int, *, within_s: float) -> list[Stream]:
    """The account's streams that were seen so lately, the oldest first."""
    return [Stream(*row) for row in await ask(PLAYING, account_id, within_s)]


async def begin(ask: Ask, row: PlaybackSessionRow, *, within_s: float) -> None:
    """Give a session a place among the account's streams; those that were not seen so lately lose theirs."""
    whose = row.account_id, row.id, within_s, row.profile_id, row.title_id
    await ask(BEGUN, *whose, row.device_id, row.device, row.started_at)


async def keep(ask: Ask, row: PlaybackSessionRow, position_ms: int | None, *, within_s: float) -> bool:
    """Note that a stream lives, and where it is; False for one that was not seen so lately.

    The place of such a one may be another's by now, so nothing is noted.
    """
    return bool(await ask(KEPT, row.account_id, row.id, within_s, row.profile_id, row.title_id, position_ms))


async def end(ask: Ask, account_id: int, session_id: int) -> None:
    """Free the stream's place, if it has one."""
    await ask(ENDED, account_id, session_id)
