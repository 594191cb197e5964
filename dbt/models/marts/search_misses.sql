{#
Searches that no title answers, of the last 28 days, as told when the lake was written: by territory, "*" being all of
them. Those that fewer people asked there than `least_askers` are left out: a rare query may be about who asks it.
#}
with placed as (
    select query, '*' as territory, language, dt, times, askers from {{ ref('stg_search_misses') }}
    union all
    select query, territory, language, dt, times, askers from {{ ref('stg_search_misses') }}
),

counted as (
    select
        query,
        territory,
        cast(sum(times) as bigint) as times,
        cast(bit_count(bit_or(askers)) as bigint) as askers,
        cast(count(distinct dt) as bigint) as days,
        min(dt) as first_day,
        max(dt) as last_day
    from placed
    group by query, territory
),

spoken as (
    select
        query,
        territory,
        language,
        row_number() over (partition by query, territory order by sum(times) desc, language) as place
    from placed
    group by query, territory, language
)

select c.query, c.territory, s.language, c.times, c.askers, c.days, c.first_day, c.last_day
from counted as c
inner join spoken as s on c.query = s.query and c.territory = s.territory and s.place = 1
where c.askers >= {{ var('least_askers') }}
