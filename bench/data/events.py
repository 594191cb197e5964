"""Generates player events in the lake's schema with DuckDB: 20 million in a minute or two.

Every second playback goes on with the one before it. One event in a hundred comes twice, a session has a clock that is
off by up to a day, and the files hold the events as they were received: the sessions' are mixed.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from marquee.contracts.ids import EPOCH_MS
from marquee.contracts.lake import EVENTS

FIRST_DAY, DAYS = date(2026, 3, 2), 7
DAY_MS = 86_400_000
PER_SESSION = 101  # events, with the copies
STREAMS = """
with numbered as (
    select i, hash(i // 2) as pair, hash(i, 'own') as own from range($sessions) as t(i)
), placed as (
    select *, $start + (pair % $span)::bigint + (i % 2) * (2400000 + (own % 1200000)::bigint) as start_ms from numbered
)
select i, own, start_ms, 80 + (own % 41)::int as events, ((start_ms - $epoch) << 22) | (i % 4194304) as session_id,
    (own % 3 = 0)::int * ((own % 172800000)::bigint - 86400000) as skew,
    (pair % $viewers)::bigint + 1 as profile_id, (pair % 5000)::bigint + 1 as title_id,
    ['tv', 'desktop', 'tablet', 'phone'][(own % 4)::int + 1] as device,
    ['DE', 'FR', 'GB', 'US', 'ZZ'][(pair % 5)::int + 1] as country,
    ['alpha', 'beta', 'gamma', 'unknown'][(pair % 4)::int + 1] as isp
from placed
"""
LINES = """
select *, case
        when k = 0 then 'viewstart' when k = 1 then 'loadstart' when k = 2 then 'manifestloaded'
        when k = 3 then 'firstframe' when k = 4 then 'playing' when k = events - 1 then 'viewend'
        when k % 25 = 10 then 'pause' when k % 25 = 11 then 'playing'
        when k % 25 = 17 then 'rebufferstart' when k % 25 = 18 then 'rebufferend'
        when k % 40 = 30 then 'seeking' when k % 40 = 31 then 'seeked' when k % 40 = 32 then 'playing'
        when k % 20 = 5 then 'renditionchange' when k = 60 and own % 10 = 0 then 'cdnchange' else 'heartbeat'
    end as name,
    start_ms + case when k < 5 then k * 300 else k * 20000 + (hash(own, k) % 9000)::bigint end as happened_ms,
    case when k < 5 then 0 else (k - 5) * 19000 + (k // 40) * 300000 end as position_ms
from streams, range(events) as t(k)
"""
ROWS = """
select session_id, 1 as version, k as seq, name, happened_ms + skew as viewer_time_ms,
    happened_ms + 1000 + copy * 60000 as received_ms, position_ms,
    case when name in ('renditionchange', 'heartbeat') then ['540p', '720p', '1080p'][(own % 3)::int + 1] end
        as rendition,
    case when name in ('renditionchange', 'heartbeat') then [1200000, 2500000, 5000000][(own % 3)::int + 1] end
        as bitrate,
    case when name = 'heartbeat' and own % 7 = 0 then k // 10 end as dropped_frames,
    case when k >= 60 and own % 10 = 0 then 'edge-b' when k > 1 then 'edge-a' end as edge,
    null as error_fatal, null as error_category, null as error_code, null as error_business,
    profile_id, 'simulated' as origin, device, country, isp, title_id, title_id + 100000 as release_id,
    5400000 as duration_ms, strftime(make_timestamp(start_ms * 1000), '%Y-%m-%d') as dt,
    strftime(make_timestamp(start_ms * 1000), '%H') as hour
from lines, range(case when hash(own, k, 'copy') % 100 = 0 then 2 else 1 end) as t(copy)
"""


def days() -> list[date]:
    """The days on which the sessions begin; the second of a pair may begin on the day after the last one."""
    return [FIRST_DAY + timedelta(number) for number in range(DAYS + 1)]


def make(lake: Path, events: int) -> int:
    """Write about so many events below the lake's folder; returns how many rows there are, copies included."""
    import duckdb

    start = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC)
    sessions = events // PER_SESSION
    values = {
        "sessions": sessions, "start": int(start.timestamp() * 1000), "span": DAYS * DAY_MS, "epoch": EPOCH_MS,
        "viewers": max(1, sessions // 12),
    }  # fmt: skip
    types = ", ".join(f"{name}::{kind} as {name}" for name, kind in EVENTS.columns.items())
    (lake / "events").mkdir(parents=True)
    with duckdb.connect() as database:
        database.execute(f"create table streams as {STREAMS}", values)
        for number in range(len(days())):
            begins = values["start"] + number * DAY_MS
            database.execute(
                f"create or replace temp view lines as {LINES} where start_ms - {begins} between 0 and {DAY_MS - 1}"
            )
            rows = f"select {types}, dt, hour from ({ROWS}) order by received_ms"  # noqa: S608
            how = "format parquet, compression zstd, partition_by (dt, hour), append"
            database.execute(f"copy ({rows}) to '{lake}/events' ({how})")
        ((count,),) = database.execute(f"select count(*) from '{lake}/events/*/*/*.parquet'").fetchall()  # noqa: S608
    return int(count)
