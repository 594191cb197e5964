with recent as (
    select
        s.title_id,
        sum(case when {{ days_from('s.dt', 'c.as_of') }} < 7 then 1 else 0 end) as plays_7d,
        count(*) as plays_28d,
        count(distinct s.profile_id) as viewers_28d,
        sum(s.watched_ms) as watched_ms_28d
    from {{ ref('int_sessions') }} as s
    cross join {{ ref('int_calendar') }} as c
    where {{ days_from('s.dt', 'c.as_of') }} between 0 and 27
    group by s.title_id
),

everything as (
    select cast(sum(watched_ms_28d) as bigint) as watched_ms_28d from recent
)

select
    t.title_id,
    t.name,
    coalesce({{ joined('t.genres') }}, '') as genres,
    t.published_ms,
    cast(coalesce(r.plays_7d, 0) as bigint) as plays_7d,
    cast(coalesce(r.plays_28d, 0) as bigint) as plays_28d,
    cast(coalesce(r.viewers_28d, 0) as bigint) as viewers_28d,
    cast(coalesce(r.watched_ms_28d, 0) as bigint) / cast(1000 as double) as watched_s_28d,
    coalesce({{ ratio('cast(r.watched_ms_28d as bigint)', 'e.watched_ms_28d') }}, cast(0 as double)) as share_28d,
    cast((coalesce(r.plays_7d, 0) + 1) as double) / (coalesce(r.plays_28d, 0) / cast(4 as double) + 1) as trend
from {{ ref('stg_titles') }} as t
left join recent as r on t.title_id = r.title_id
cross join everything as e
