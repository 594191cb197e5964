with viewed as (
    select profile_id, title_id, origin, started_ms, ended_ms, watched_ms, completion_ppm, completed
    from {{ ref('int_sessions') }}
    union all
    select profile_id, title_id, origin, at_ms, at_ms, watched_ms, cast(null as bigint), false
    from {{ ref('stg_history') }}
)

select
    profile_id,
    title_id,
    min(origin) as origin,
    min(started_ms) as first_ms,
    max(ended_ms) as last_ms,
    cast(count(*) as bigint) as plays,
    cast(coalesce(sum(watched_ms), 0) as bigint) / cast(1000 as double) as watched_s,
    max(completion_ppm) / cast(1000000 as double) as completion,
    bool_or(completed) as completed
from viewed
group by profile_id, title_id
