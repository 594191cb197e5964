{#
A profile is within a window of n days from each of its days until n days later or its next day, whichever is sooner:
so each counts once a day, and one running sum gives the window's viewers without looking back n days for each.
#}
{% set windows = {'dau': 1, 'wau': 7, 'mau': 28} %}
with profile_days as (
    select
        dt,
        profile_id,
        count(*) as plays,
        sum(watched_ms) as watched_ms,
        lead(dt) over (partition by profile_id order by dt) as next_dt,
        row_number() over (partition by profile_id order by dt) as nth
    from {{ ref('int_sessions') }}
    group by dt, profile_id
),

steps as (
    select
        dt, plays, watched_ms,
        case when nth = 1 then 1 else 0 end as new_viewers
        {%- for name in windows %}, 1 as {{ name }}{% endfor %}
    from profile_days
    {% for name, days in windows.items() %}
    union all
    select
        least({{ plus_days('dt', days) }}, coalesce(next_dt, {{ plus_days('dt', days) }})), 0, 0, 0
        {%- for other in windows %}, {{ -1 if other == name else 0 }}{% endfor %}
    from profile_days
    {% endfor %}
),

daily as (
    select
        dt, sum(plays) as plays, sum(watched_ms) as watched_ms, sum(new_viewers) as new_viewers
        {%- for name in windows %}, sum({{ name }}) as {{ name }}{% endfor %}
    from steps
    group by dt
),

numbers as (
    select first_day, {{ each_number(0, days_from('first_day', 'last_day')) }} as n
    from {{ ref('int_calendar') }}
    where first_day is not null
),

days as (
    select {{ plus_days('first_day', 'n') }} as dt from numbers
)

select
    d.dt
    {%- for name in windows %},
    cast(sum(coalesce(x.{{ name }}, 0)) over (order by d.dt rows unbounded preceding) as bigint) as {{ name }}
    {%- endfor %},
    cast(coalesce(x.plays, 0) as bigint) as plays,
    cast(coalesce(x.watched_ms, 0) as bigint) / cast(1000 as double) as watched_s,
    cast(coalesce(x.new_viewers, 0) as bigint) as new_viewers
from days as d
left join daily as x on d.dt = x.dt
