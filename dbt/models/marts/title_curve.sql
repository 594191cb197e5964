with steps as (
    select title_id, percent, sum(watchers) as watchers, sum(drop_offs) as drop_offs
    from {{ ref('int_curve_steps') }}
    group by title_id, percent
),

titles as (
    select title_id, sum(drop_offs) as sessions from steps group by title_id
),

percents as (
    select title_id, sessions, {{ each_number(0, 99) }} as percent from titles
),

curve as (
    select
        p.title_id,
        p.percent,
        p.sessions,
        sum(coalesce(s.watchers, 0)) over (
            partition by p.title_id order by p.percent rows unbounded preceding
        ) as watched,
        coalesce(s.drop_offs, 0) as drop_offs
    from percents as p
    left join steps as s on p.title_id = s.title_id and p.percent = s.percent
)

select
    title_id,
    cast(percent as int) as percent,
    cast(watched as bigint) as watched,
    {{ ratio('watched', 'sessions') }} as share,
    cast(drop_offs as bigint) as drop_offs
from curve
