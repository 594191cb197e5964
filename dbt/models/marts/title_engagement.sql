select
    s.title_id,
    coalesce(max(t.name), '') as name,
    cast(count(*) as bigint) as plays,
    cast(count(distinct s.profile_id) as bigint) as viewers,
    cast(sum(s.watched_ms) as bigint) / cast(1000 as double) as watched_s,
    {{ ratio('cast(sum(s.completion_ppm) as bigint)', 'count(*) * cast(1000000 as double)') }} as completion_mean,
    {{ ratio('sum(case when s.completed then 1 else 0 end)', 'count(*)') }} as completion_rate,
    {{ ratio('sum(case when s.furthest_ms * 10 < s.duration_ms then 1 else 0 end)', 'count(*)') }} as abandon_rate
from {{ ref('int_sessions') }} as s
left join {{ ref('stg_titles') }} as t on s.title_id = t.title_id
group by s.title_id
