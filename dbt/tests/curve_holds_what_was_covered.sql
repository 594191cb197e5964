{#
A title's curve covers as many percents as its sessions covered of it, but for the two that each stretch may only touch
and one for a session that ran past the end. Fails when stretches reach a session that is not theirs, or none.
#}
with curves as (
    select title_id, sum(watched) as percents from {{ ref('title_curve') }} group by title_id
),

sessions as (
    select title_id, sum(completion_ppm) / 10000 as percents, count(*) as sessions
    from {{ ref('int_sessions') }}
    where duration_ms > 0
    group by title_id
),

stretches as (
    select title_id, sum({{ length_of('stretches') }}) as stretches
    from {{ ref('int_playbacks') }}
    group by title_id
)

select c.title_id, c.percents, s.percents as covered_percents, s.sessions, x.stretches
from curves as c
inner join sessions as s on c.title_id = s.title_id
left join stretches as x on c.title_id = x.title_id
where c.percents < s.percents - s.sessions or c.percents > s.percents + 2 * coalesce(x.stretches, 0)
