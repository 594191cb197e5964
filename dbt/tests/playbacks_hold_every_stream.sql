{#
Every stream of the log has its playback. What the log took in while Spark was at work may still be on its way: streams
of the last hour before the newest playback, and a day that has but two hours of streams and no playback yet.
Fails when a partition of the playbacks is lost.
#}
with streams as (
    select e.dt, e.session_id, {{ made_ms('e.session_id') }} as made_ms, p.session_id as playback_id
    from {{ ref('int_event_streams') }} as e
    left join {{ ref('int_playbacks') }} as p on e.session_id = p.session_id
),

days as (
    select dt, count(playback_id) as playbacks, max(made_ms) - min(made_ms) as span_ms from streams group by dt
),

newest as (
    select max(started_ms) as started_ms from {{ ref('int_playbacks') }}
)

select s.dt, s.session_id
from streams as s
inner join days as d on s.dt = d.dt
cross join newest as n
where
    s.playback_id is null
    and (s.made_ms < n.started_ms - 3600000 or (d.playbacks = 0 and d.span_ms > 7200000))
