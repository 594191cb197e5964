{# Each month begins with what the one before ended with, and no month is left out. #}
with months as (
    select
        plan,
        month,
        at_start,
        lag(at_end) over (partition by plan order by month) as ended_with,
        lag(month) over (partition by plan order by month) as last_month
    from {{ ref('subscription_churn') }}
)

select plan, month, at_start, ended_with
from months
where at_start <> ended_with or {{ days_from('last_month', 'month') }} > 31
