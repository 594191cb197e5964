{#
A change into a plan and one out of it are counted in their month (UTC); what is held at a month's end is what was held
before the first change plus all of them so far. Every plan has a row for every month from the first change to the last
day that is known, so that each month begins with what the one before ended with.
#}
{% set into = ['gained', 'returned', 'changed_in'] %}
{% set out = ['changed_out', 'lost_voluntarily', 'lost_involuntarily'] %}
with moves as (
    select
        dt,
        has_plan as plan,
        case
            when had_plan is not null then 'changed_in'
            when held_before then 'returned'
            else 'gained'
        end as move
    from {{ ref('int_plan_changes') }}
    where has_plan is not null and coalesce(had_plan, '') <> has_plan
    union all
    select
        dt,
        had_plan,
        case
            when has_plan is not null then 'changed_out'
            when unpaid then 'lost_involuntarily'
            else 'lost_voluntarily'
        end
    from {{ ref('int_plan_changes') }}
    where had_plan is not null and coalesce(has_plan, '') <> had_plan
    union all
    select dt, had_plan, 'held' from {{ ref('int_plan_changes') }} where nth = 1 and had_plan is not null
),

span as (
    select min(dt) as first_day, max(known) as last_day
    from (
        select dt, dt as known from {{ ref('int_plan_changes') }}
        union all
        select null, last_day from {{ ref('int_calendar') }}
    ) as days
),

numbers as (
    select first_day, {{ each_number(0, days_from('first_day', 'last_day')) }} as n from span where first_day is not null
),

months as (
    select distinct cast(date_trunc('month', {{ plus_days('first_day', 'n') }}) as date) as month from numbers
),

plans as (
    select plan, sum(case when move = 'held' then 1 else 0 end) as held from moves group by plan
),

monthly as (
    select
        cast(date_trunc('month', dt) as date) as month,
        plan
        {%- for move in into + out %},
        sum(case when move = '{{ move }}' then 1 else 0 end) as {{ move }}
        {%- endfor %}
    from moves
    group by 1, 2
),

whole as (
    select
        m.month,
        p.plan,
        p.held
        {%- for move in into + out %},
        coalesce(x.{{ move }}, 0) as {{ move }}
        {%- endfor %}
    from months as m
    cross join plans as p
    left join monthly as x on m.month = x.month and p.plan = x.plan
),

counted as (
    select
        *,
        {{ into | join(' + ') }} - {{ out | join(' - ') }} as net,
        held + sum({{ into | join(' + ') }} - {{ out | join(' - ') }}) over (
            partition by plan order by month rows unbounded preceding
        ) as at_end
    from whole
)

select
    month,
    plan,
    cast(at_end - net as bigint) as at_start
    {%- for move in into + out %},
    cast({{ move }} as bigint) as {{ move }}
    {%- endfor %},
    cast(at_end as bigint) as at_end,
    {{ ratio('lost_voluntarily + lost_involuntarily', 'at_end - net') }} as churn
from counted
