{# The catalogue's word about a title goes before that of a simulation or an imported history. #}
select title_id, name, kind, language, genres, duration_ms, published_ms, available_until_ms, origin
from (
    select
        *,
        row_number() over (
            partition by title_id
            order by case when origin = 'catalogue' then 0 else 1 end, source, published_ms desc, name, slug
        ) as copy_number
    from {{ source('lake', 'titles') }}
    where origin = 'catalogue' or {{ counts() }}
) as copies
where copy_number = 1
