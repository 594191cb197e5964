{{ by_day() }}
select
    dt,
    title_id,
    country,
    cast(count(*) as bigint) as plays,
    cast(count(distinct profile_id) as bigint) as viewers,
    cast(sum(watched_ms) as bigint) / cast(1000 as double) as watched_s,
    cast(sum(case when completed then 1 else 0 end) as bigint) as completions
from {{ ref('int_sessions') }}
where {{ touched() }}
group by dt, title_id, country
