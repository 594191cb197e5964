{# The most played titles of the last seven days. #}
select territory, cast(place as int) as {{ adapter.quote('rank') }}, title_id, plays_7d as plays
from (
    select *, row_number() over (partition by territory order by plays_7d desc, plays desc, title_id) as place
    from {{ ref('int_territory_titles') }}
    where plays_7d > 0
) as ranked
where place <= 10
