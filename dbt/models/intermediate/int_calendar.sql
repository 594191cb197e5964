{# One row: the first and the last day there is viewing of, and the day that reports end with. #}
select
    first_day,
    last_day,
    {% if var('as_of') %} cast('{{ var("as_of") }}' as date) {% else %} last_day {% endif %} as as_of
from (
    select min(dt) as first_day, max(dt) as last_day from (
        select dt from {{ ref('int_sessions') }}
        union all
        select dt from {{ ref('int_playbacks') }}
    ) as days
) as span
