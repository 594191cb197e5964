{#
Each change of a subscription with the plan that the account held before and holds after it; null is none. A plan is held
while it is active, and while a payment is late (past_due): a trial is none, and unpaid ends one. Staff's plans are held
like paid ones, since nothing is noted when payment takes over from staff. What was before follows from the account's own
changes; only of the first one it is what that change says.

A loss is involuntary when it came for want of payment: the plan is unpaid, it was past_due, or, where that report was
lost, the last attempt at a payment before it had failed.
#}
{% set held = "('active', 'past_due')" %}
with ordered as (
    select
        *,
        row_number() over (partition by account_id order by at_ms, change_id) as nth,
        lag(plan) over (partition by account_id order by at_ms, change_id) as plan_before,
        lag(state) over (partition by account_id order by at_ms, change_id) as state_before
    from {{ ref('stg_subscription_changes') }}
),

steps as (
    select
        account_id,
        change_id,
        nth,
        {{ day_of('at_ms') }} as dt,
        at_ms,
        ends_ms,
        plan,
        state,
        case when nth = 1 then from_state else state_before end as was,
        case
            when nth = 1 and from_state in {{ held }} then from_plan
            when nth > 1 and state_before in {{ held }} then plan_before
        end as had_plan,
        case when state in {{ held }} then plan end as has_plan
    from ordered
),

losses as (
    select
        s.change_id,
        max(case when p.status = 'failed' then p.at_ms end) as failed_ms,
        max(case when p.status <> 'failed' then p.at_ms end) as paid_ms
    from steps as s
    inner join {{ ref('stg_payments') }} as p on s.account_id = p.account_id and p.at_ms <= s.at_ms
    where s.had_plan is not null and s.has_plan is null
    group by s.change_id
)

select
    s.account_id,
    s.change_id,
    s.nth,
    s.dt,
    s.at_ms,
    s.ends_ms,
    s.plan,
    s.state,
    s.was,
    s.had_plan,
    s.has_plan,
    coalesce(max(case when coalesce(s.had_plan, s.has_plan) is not null then 1 else 0 end) over (
        partition by s.account_id order by s.nth rows between unbounded preceding and 1 preceding
    ), 0) = 1 as held_before,
    s.state = 'unpaid'
        or coalesce(s.was, '') = 'past_due'
        or coalesce(l.failed_ms > coalesce(l.paid_ms, l.failed_ms - 1), false) as unpaid
from steps as s
left join losses as l on s.change_id = l.change_id
