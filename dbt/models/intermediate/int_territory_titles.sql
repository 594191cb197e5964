{# What is watched by territory ("*" is the world): what charts are ranked by. Titles that the catalogue can serve only. #}
with sessions as (
    select
        s.title_id, s.profile_id, s.country, s.completion_ppm,
        {{ days_from('s.dt', 'c.as_of') }} as age
    from {{ ref('int_sessions') }} as s
    inner join {{ ref('stg_titles') }} as t on s.title_id = t.title_id and t.origin = 'catalogue'
    cross join {{ ref('int_calendar') }} as c
    where s.dt <= c.as_of
),

by_territory as (
    select *, country as territory from sessions where country <> 'ZZ'
    union all
    select *, '*' as territory from sessions
)

select
    territory,
    title_id,
    cast(count(*) as bigint) as plays,
    count(distinct profile_id) as viewers,
    cast(sum(completion_ppm) as bigint) as completion_ppm,
    cast(sum(case when age < 7 then 1 else 0 end) as bigint) as plays_7d,
    cast(sum(case when age between 7 and 27 then 1 else 0 end) as bigint) as plays_21d_before
from by_territory
group by territory, title_id
