{#
A trial converts when a plan becomes active after it, also late, if nothing ended it before: canceled, unpaid, or another
trial. One that nothing followed has ended when its last day lies before the last one that is known, or when it is paused
for want of a way to pay.
#}
with numbered as (
    select
        *,
        sum(case when state = 'trialing' and coalesce(was, '') <> 'trialing' then 1 else 0 end) over (
            partition by account_id order by nth rows unbounded preceding
        ) as trial
    from {{ ref('int_plan_changes') }}
),

trials as (
    select
        account_id,
        min(nth) as first_nth,
        max(nth) as last_nth,
        min(case when state in ('active', 'canceled', 'unpaid') then nth end) as decided_nth
    from numbered
    where trial > 0
    group by account_id, trial
),

known as (
    select max(day) as last_day
    from (
        select max(dt) as day from {{ ref('int_plan_changes') }}
        union all
        select last_day from {{ ref('int_calendar') }}
    ) as days
),

outcomes as (
    select
        cast(date_trunc('week', b.dt) as date) as week,
        b.plan,
        case
            when d.state = 'active' then 'converted'
            when d.state is not null or l.state = 'paused' then 'ended'
            when l.state = 'trialing' and {{ day_of('l.ends_ms') }} < k.last_day then 'ended'
            else 'running'
        end as outcome,
        case when d.state = 'active' then (d.at_ms - b.at_ms) / cast(86400000 as double) end as days
    from trials as t
    cross join known as k
    inner join numbered as b on t.account_id = b.account_id and t.first_nth = b.nth
    inner join numbered as l on t.account_id = l.account_id and t.last_nth = l.nth
    left join numbered as d on t.account_id = d.account_id and t.decided_nth = d.nth
)

select
    week,
    plan,
    cast(count(*) as bigint) as begun,
    cast(sum(case when outcome = 'converted' then 1 else 0 end) as bigint) as converted,
    cast(sum(case when outcome = 'ended' then 1 else 0 end) as bigint) as ended,
    cast(sum(case when outcome = 'running' then 1 else 0 end) as bigint) as running,
    cast(percentile_cont(0.5) within group (order by days) as double) as days_to_convert,
    {{ ratio("sum(case when outcome = 'converted' then 1 else 0 end)", 'count(*)') }} as rate
from outcomes
group by week, plan
