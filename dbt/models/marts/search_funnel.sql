{# What is chosen or played in a visit belongs to its latest search before it, unless it came from a row of the page. #}
with events as (
    select
        dt, visit_id, name, coalesce(row_kind, 'search') as row_kind, coalesce(results, 0) as results,
        sum(case when name = 'search' then 1 else 0 end) over (
            partition by visit_id order by seq rows unbounded preceding
        ) as nth
    from {{ ref('int_browse') }}
),

searches as (
    select
        dt,
        visit_id,
        nth,
        max(case when name = 'search' and results > 0 then 1 else 0 end) as with_results,
        max(case when name in ('select', 'play') and row_kind = 'search' then 1 else 0 end) as selected,
        max(case when name = 'play' and row_kind = 'search' then 1 else 0 end) as played
    from events
    where nth > 0
    group by dt, visit_id, nth
)

select
    dt,
    cast(count(*) as bigint) as searches,
    cast(sum(with_results) as bigint) as with_results,
    cast(sum(selected * with_results) as bigint) as selected,
    cast(sum(played * with_results) as bigint) as played
from searches
group by dt
