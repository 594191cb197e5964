{# Every ViewingSession of a title with a known length ends somewhere on its curve, and none watches it more than once. #}
with ends as (
    select title_id, sum(drop_offs) as drop_offs, max(watched) as watched, min(watched) as least
    from {{ ref('title_curve') }}
    group by title_id
),

sessions as (
    select title_id, count(*) as sessions from {{ ref('int_sessions') }} where duration_ms > 0 group by title_id
)

select coalesce(s.title_id, e.title_id) as title_id, s.sessions, e.drop_offs, e.watched, e.least
from sessions as s
full join ends as e on s.title_id = e.title_id
where
    coalesce(s.sessions, 0) <> coalesce(e.drop_offs, 0)
    or coalesce(e.watched, 0) > coalesce(s.sessions, 0)
    or coalesce(e.least, 0) < 0
