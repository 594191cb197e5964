select
    cast(date_trunc('month', {{ day_of('at_ms') }}) as date) as month,
    plan,
    currency,
    cast(count(distinct case when status = 'paid' then account_id end) as bigint) as subscribers,
    cast(sum(case when status = 'paid' then amount_minor else 0 end) as bigint) as paid_minor,
    cast(sum(case when status = 'refunded' then amount_minor else 0 end) as bigint) as refunded_minor,
    cast(sum(case when status = 'failed' then 1 else 0 end) as bigint) as failed
from {{ ref('stg_payments') }}
group by 1, 2, 3
