"""The floor of the Spark jobs: the same work as SQL written by hand for DuckDB.

`python -m bench.data.floor LAKE OUT` reads LAKE/events and writes OUT/playbacks and OUT/sessions by day.
"""

import sys
from pathlib import Path

from marquee.contracts.ids import EPOCH_MS
from marquee.contracts.lake import EVENTS, PLAYBACKS, SESSIONS, Table

CONSTANT = ("profile_id", "origin", "device", "country", "isp", "title_id", "release_id", "duration_ms")
REST = ", ".join(name for name in EVENTS.columns if name not in ("session_id", "seq", "received_ms"))
STEPS = f"""
marked as (
    select *, lag(seq) over (partition by session_id order by seq, received_ms, {REST}) as earlier from events
), once as (
    select session_id, seq, name, viewer_time_ms, position_ms, dropped_frames, {", ".join(CONSTANT)}, bitrate, edge,
        coalesce(error_fatal, false) as fatal, coalesce(error_business, false) as business
    from marked where earlier is null or earlier <> seq
), states as (
    select * exclude (bitrate, edge),
        coalesce(last_value(case
            when name in ('firstframe', 'playing', 'rebufferend') then true
            when fatal or name in ('pause', 'rebufferstart', 'seeking', 'ended', 'viewend') then false
        end ignore nulls) over w, false) as moving,
        coalesce(last_value(case
            when name = 'rebufferstart' then true
            when fatal or name in ('rebufferend', 'playing', 'pause', 'seeking', 'ended', 'viewend') then false
        end ignore nulls) over w, false) as stalled,
        coalesce(last_value(case when name = 'seeking' then true when name = 'playing' then false end ignore nulls)
            over w, false) as seeking,
        bool_or(name = 'firstframe') over w as shown,
        last_value(bitrate ignore nulls) over w as rate,
        last_value(edge ignore nulls) over w as place,
        lead(position_ms) over (partition by session_id order by seq) as next_position,
        lead(viewer_time_ms) over (partition by session_id order by seq) as next_time,
        last_value(viewer_time_ms) over
            (partition by session_id order by seq rows between unbounded preceding and unbounded following) as end_time
    from once
    window w as (partition by session_id order by seq rows between unbounded preceding and current row)
), measured as (
    select *, coalesce(greatest(next_time - viewer_time_ms, 0), 0) as ahead,
        least(coalesce(greatest(next_time - viewer_time_ms, 0), 0), greatest(end_time - viewer_time_ms, 0)) as step,
        next_position - position_ms as grown
    from states
), steps as (
select * exclude (moving, stalled, seeking, shown, next_time, end_time, ahead, step, grown),
    case when moving then least(step, 120000) else 0 end as play_ms,
    case when moving and grown > 0 and grown <= 4 * ahead + 2000 then grown else 0 end as watched_ms,
    case when stalled and shown and not seeking then step else 0 end as rebuffer_ms,
    name = 'rebufferstart' and shown and not seeking as stall,
    moving and grown > 0 and grown <= 4 * ahead + 2000 as watched
from measured)
"""  # noqa: S608
# One pass over the steps by session and edge, then over what is left of them by session.
PARTS = f"""
parts as (
    select session_id, place, arg_min(struct_pack({", ".join(f"{name} := {name}" for name in CONSTANT)}), seq) as c,
        min(seq) as first_seq, max(seq) as last_seq, count(*) as events,
        arg_min(viewer_time_ms, seq) as first_time, arg_max(viewer_time_ms, seq) as last_time,
        arg_min(position_ms, seq) as first_position, arg_max(position_ms, seq) as last_position,
        max(position_ms) as furthest, list(struct_pack(seq := seq, at := position_ms)) filter (begins) as begun,
        list(struct_pack(seq := seq, at := next_position)) filter (ends) as ended,
        min(struct_pack(seq := seq, at := viewer_time_ms)) filter (name = 'viewstart') as intent,
        min(struct_pack(seq := seq, at := viewer_time_ms)) filter (name = 'firstframe') as frame,
        min(seq) filter (fatal and not business) as failed, bool_or(business) as refused,
        sum(watched_ms) as watched_ms, sum(play_ms) as play_ms, sum(rebuffer_ms) as rebuffer_ms,
        sum(play_ms) filter (rate is not null) as rated_ms, sum(rate * play_ms) as bitrate_ms,
        count(*) filter (stall) as rebuffers, max(dropped_frames) as dropped_frames,
        count(*) filter (name = 'renditionchange') as changes, bool_or(name in ('ended', 'viewend')) as clean_end
    from (select *, watched and not coalesce(lag(watched) over w, false) as begins,
            watched and not coalesce(lead(watched) over w, false) as ends
        from steps window w as (partition by session_id order by seq))
    group by session_id, place
), whole as (
    select session_id, arg_min(c, first_seq) as c, max(last_seq) as last_seq, sum(events) as events,
        arg_min(first_time, first_seq) as first_time, arg_max(last_time, last_seq) as last_time,
        arg_min(first_position, first_seq) as first_position_ms,
        arg_max(last_position, last_seq) as last_position_ms, max(furthest) as furthest_ms,
        list_sort(flatten(list(begun))) as begun, list_sort(flatten(list(ended))) as ended,
        min(intent).at as intent_time, min(frame) as frame, min(failed) as failed_seq, bool_or(refused) as refused,
        sum(watched_ms) as watched_ms, sum(play_ms) as play_ms, sum(rebuffer_ms) as rebuffer_ms,
        coalesce(sum(rated_ms), 0) as rated_ms, coalesce(sum(bitrate_ms), 0) as bitrate_ms,
        sum(rebuffers) as rebuffers, coalesce(max(dropped_frames), 0) as dropped_frames,
        sum(changes) as rendition_changes, bool_or(clean_end) as clean_end,
        coalesce(arg_min(place, struct_pack(less := -play_ms, place := place)) filter (place is not null), 'unknown')
            as edge
    from parts group by session_id
), runs as (
    select session_id, unnest(list_zip(begun, ended)) as run from whole
), islands as (
    select *, sum(apart::int) over (partition by session_id order by a, b, apart desc rows unbounded preceding)
        as island
    from (select session_id, run[1].at as a, run[2].at as b, coalesce(run[1].at > max(run[2].at) over (partition by
        session_id order by run[1].at, run[2].at rows between unbounded preceding and 1 preceding), true) as apart
        from runs)
), stretches as (
    select session_id, list(struct_pack(from_ms := a, to_ms := b) order by a) as stretches, sum(b - a) as covered_ms
    from (select session_id, island, min(a) as a, max(b) as b from islands group by session_id, island)
    group by session_id
)
"""  # noqa: S608
MADE = f"(session_id >> 22) + {EPOCH_MS}"
PLAYBACK_ROWS = f"""
select whole.* exclude (c), unnest(c), coalesce(stretches, []) as stretches, coalesce(covered_ms, 0) as covered_ms,
    {MADE} as started_ms, {MADE} + greatest(last_time - first_time, 0) as ended_ms, last_seq + 1 - events as missing,
    frame is not null as started, greatest(frame.at - intent_time, 0) as startup_ms,
    frame is null and failed_seq is null as exit_before_start,
    coalesce(failed_seq < coalesce(frame.seq, failed_seq + 1), false) as start_failure,
    failed_seq is not null as fatal
from whole left join stretches using (session_id)
"""  # noqa: S608
GAP_MS, DAY_MS = 1_800_000, 86_400_000
SESSION_ROWS = f"""
with placed as (
    select *, started_ms // {DAY_MS} as day,
        least(ended_ms + {GAP_MS}, (started_ms // {DAY_MS} + 2) * {DAY_MS} - 1) as reach,
        coalesce(lag(title_id) over (partition by profile_id order by started_ms, session_id) <> title_id, true)
            as other
    from playbacks where watched_ms > 0
), spells as (
    select *, sum(other::int) over (partition by profile_id order by started_ms, session_id) as spell from placed
), linked as (
    select *, coalesce(started_ms > max(reach) over (partition by profile_id, spell order by started_ms, session_id
        rows between unbounded preceding and 1 preceding), true) as begins
    from spells
), chains as (
    select *, sum(begins::int) over (partition by profile_id order by started_ms, session_id) as chain from linked
), pieces as (
    select *, case when day - born > 1 then day - born else 0 end as piece
    from (select *, min(day) over (partition by profile_id, chain) as born from chains)
), stretched as (
    select profile_id, chain, piece, sum(b - a) as covered_ms from (
        select profile_id, chain, piece, island, min(a) as a, max(b) as b from (
            select *, sum(apart::int) over (partition by profile_id, chain, piece order by a, b, apart desc
                rows unbounded preceding) as island
            from (select profile_id, chain, piece, one.from_ms as a, one.to_ms as b, coalesce(one.from_ms >
                max(one.to_ms) over (partition by profile_id, chain, piece order by one.from_ms, one.to_ms
                rows between unbounded preceding and 1 preceding), true) as apart
                from (select profile_id, chain, piece, unnest(stretches) as one from pieces))
        ) group by all
    ) group by all
), gathered as (
    select profile_id, chain, piece, arg_min(session_id, o) as viewing_session_id, arg_min(title_id, o) as title_id,
        arg_min(origin, o) as origin, arg_min(country, o) as country, arg_min(device, o) as device,
        count(distinct device) as devices, count(*) as playbacks, min(started_ms) as started_ms,
        max(ended_ms) as ended_ms, sum(watched_ms) as watched_ms, arg_min(first_position_ms, o) as first_position_ms,
        arg_max(last_position_ms, o) as last_position_ms, max(furthest_ms) as furthest_ms,
        arg_max(duration_ms, o) as duration_ms
    from (select *, struct_pack(at := started_ms, id := session_id) as o from pieces) group by all
)
select *, case when duration_ms > 0 then least(covered_ms / duration_ms, 1.0) else 0.0 end as completion,
    completion >= 0.9 as completed
from gathered join stretched using (profile_id, chain, piece)
"""  # noqa: S608


def main(lake: str, out: Path) -> None:
    """Do the work and write both tables."""
    import duckdb

    with duckdb.connect() as database:
        database.execute(f"set temp_directory = '{out}/spill'")
        database.execute(
            f"create view events as from read_parquet('{lake}/events/*/*/*.parquet', hive_partitioning = false)"
        )
        rows = f"with {STEPS}, {PARTS} {PLAYBACK_ROWS}"
        database.execute(f"create temp table playbacks as {_dated(PLAYBACKS, rows)}")
        database.execute(f"create temp table sessions as {_dated(SESSIONS, SESSION_ROWS)}")
        for table in (PLAYBACKS, SESSIONS):
            database.execute(
                f"copy (from {table.name} order by dt, {table.key[0]}) to '{out}/{table.name}' "
                "(format parquet, compression zstd, partition_by (dt))"
            )


def _dated(table: Table, rows: str) -> str:
    columns = ", ".join(f"{name}::{kind} as {name}" for name, kind in table.columns.items())
    return f"select {columns}, strftime(make_timestamp(started_ms * 1000), '%Y-%m-%d') as dt from ({rows})"  # noqa: S608


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
