{# By day, title_daily counts exactly the ViewingSessions and their watched time. #}
with counted as (
    select dt, plays, watched_s, 0 as sessions, cast(0 as double) as session_s from {{ ref('title_daily') }}
    union all
    select dt, 0, 0, 1, watched_ms / cast(1000 as double) from {{ ref('int_sessions') }}
)

select dt, sum(plays) as plays, sum(sessions) as sessions, sum(watched_s) as watched_s, sum(session_s) as session_s
from counted
group by dt
having sum(plays) <> sum(sessions) or abs(sum(watched_s) - sum(session_s)) > 0.01
