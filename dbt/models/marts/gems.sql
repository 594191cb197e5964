{#
Liked by few and much: titles with no more viewers than the middle one of their territory, but three at least, by the
mean completion of their sessions, which is drawn towards the territory's own mean as by ten sessions of that mean.
#}
with territories as (
    select
        territory,
        percentile_cont(0.5) within group (order by viewers) as middle,
        cast(sum(completion_ppm) as bigint) / cast(sum(plays) as double) as mean_ppm
    from {{ ref('int_territory_titles') }}
    group by territory
),

scored as (
    select
        x.territory,
        x.title_id,
        (x.completion_ppm + 10 * t.mean_ppm) / (x.plays + 10) / 1000000 as score,
        t.mean_ppm
    from {{ ref('int_territory_titles') }} as x
    inner join territories as t on x.territory = t.territory
    where x.viewers between 3 and t.middle
)

select territory, cast(place as int) as {{ adapter.quote('rank') }}, title_id, score
from (
    select *, row_number() over (partition by territory order by score desc, title_id) as place
    from scored
    where score * 1000000 > mean_ppm
) as ranked
where place <= 50
