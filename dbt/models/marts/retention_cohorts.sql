{# Weeks since each profile's own first day: week 0 is its first seven days. A cohort is the calendar week (from Monday). #}
with firsts as (
    select profile_id, min(dt) as first_dt, cast(date_trunc('week', min(dt)) as date) as cohort_week
    from {{ ref('int_sessions') }}
    group by profile_id
),

active as (
    select
        f.cohort_week,
        cast(floor({{ days_from('f.first_dt', 's.dt') }} / 7) as int) as week,
        count(distinct s.profile_id) as active
    from {{ ref('int_sessions') }} as s
    inner join firsts as f on s.profile_id = f.profile_id
    group by 1, 2
),

cohorts as (
    select cohort_week, count(*) as size from firsts group by cohort_week
),

begun as (
    select
        k.cohort_week,
        k.size,
        c.last_day,
        {{ each_number(0, "cast(floor(" ~ days_from('k.cohort_week', 'c.last_day') ~ " / 7) as int)") }} as week
    from cohorts as k
    cross join {{ ref('int_calendar') }} as c
)

select
    b.cohort_week,
    cast(b.week as int) as week,
    cast(b.size as bigint) as size,
    cast(coalesce(a.active, 0) as bigint) as active,
    {{ ratio('coalesce(a.active, 0)', 'b.size') }} as retention,
    {{ plus_days('b.cohort_week', '6 + 7 * b.week + 6') }} <= b.last_day as complete
from begun as b
left join active as a on b.cohort_week = a.cohort_week and b.week = a.week
