{#
What is watched is in the catalogue's snapshot or brought its titles along. A title that was deleted since may be
missing; more than one play in a hundred without a title is a broken join.
#}
with plays as (
    select d.title_id, sum(d.plays) as plays, max(case when t.title_id is null then 1 else 0 end) as unknown
    from {{ ref('title_daily') }} as d
    left join {{ ref('stg_titles') }} as t on d.title_id = t.title_id
    group by d.title_id
),

share as (
    select sum(plays * unknown) as unknown, sum(plays) as plays from plays
)

select p.title_id, p.plays
from plays as p
cross join share as s
where p.unknown = 1 and s.unknown * 100 > s.plays
