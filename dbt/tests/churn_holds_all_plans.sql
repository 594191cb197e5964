{# What is held at the end of the last month is what the accounts' last changes say. #}
with lasts as (
    select has_plan as plan, row_number() over (partition by account_id order by nth desc) as back
    from {{ ref('int_plan_changes') }}
),

held as (
    select plan, count(*) as accounts from lasts where back = 1 and plan is not null group by plan
),

told as (
    select plan, at_end, row_number() over (partition by plan order by month desc) as back
    from {{ ref('subscription_churn') }}
)

select t.plan, t.at_end, h.accounts
from told as t
left join held as h on t.plan = h.plan
where t.back = 1 and t.at_end <> coalesce(h.accounts, 0)
