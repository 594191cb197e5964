select
    title_id, cast(place as int) as {{ adapter.quote('rank') }}, other_id, other_name, viewers, cosine
from (
    select
        c.title_id, c.other_id, coalesce(t.name, '') as other_name, c.viewers, c.cosine,
        row_number() over (partition by c.title_id order by c.cosine desc, c.viewers desc, c.other_id) as place
    from (select distinct * from {{ source('lake', 'cowatch') }}) as c
    left join {{ ref('stg_titles') }} as t on c.other_id = t.title_id
    where c.viewers > 1
) as ranked
where place <= 10
