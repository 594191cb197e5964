{# Plays a day in the last week over those of the three weeks before, in units of the noise of such counts. #}
with scored as (
    select
        territory,
        title_id,
        (plays_7d / cast(7 as double) - plays_21d_before / cast(21 as double))
        / sqrt(plays_21d_before / cast(21 as double) + 1) as score
    from {{ ref('int_territory_titles') }}
    where plays_7d > 0
)

select territory, cast(place as int) as {{ adapter.quote('rank') }}, title_id, score
from (
    select *, row_number() over (partition by territory order by score desc, title_id) as place
    from scored
    where score > 0
) as ranked
where place <= 50
