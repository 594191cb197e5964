{# Titles whose availability ends within 28 days. #}
select '*' as territory, cast(place as int) as {{ adapter.quote('rank') }}, title_id, until_ms
from (
    select
        t.title_id,
        t.available_until_ms as until_ms,
        row_number() over (order by t.available_until_ms, t.title_id) as place
    from {{ ref('stg_titles') }} as t
    cross join {{ ref('int_calendar') }} as c
    where
        t.origin = 'catalogue'
        and t.available_until_ms > {{ start_of('c.as_of') }}
        and t.available_until_ms <= {{ start_of(plus_days('c.as_of', 29)) }}
) as ranked
