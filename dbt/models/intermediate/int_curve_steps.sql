{#
Where viewing of a title sets in and stops, in percent of the programme, by the day of the ViewingSession. A session
counts once at each percent however often and in however many playbacks it was watched: its stretches are merged.
`watchers` rises by one where a merged stretch begins and falls by one behind its end; `drop_offs` are sessions' ends.
#}
{{ by_day() }}
with sessions as (
    select * from {{ ref('int_sessions') }} where duration_ms > 0 and {{ touched(later=2) }}
),

{# A playback belongs to the latest session of its profile and title that began with or before it: ids grow with time. #}
playbacks as (
    select
        p.stretches,
        max(s.viewing_session_id) over (
            partition by p.profile_id, p.title_id order by p.session_id rows unbounded preceding
        ) as viewing_session_id
    from {{ ref('int_playbacks') }} as p
    left join sessions as s on p.session_id = s.viewing_session_id
    where p.watched_ms > 0 and {{ touched('p.dt', later=2) }}
),

stretches as (
    select viewing_session_id, {{ each('stretches') }} as stretch
    from playbacks
    where viewing_session_id is not null
),

percents as (
    select
        s.dt,
        s.title_id,
        s.viewing_session_id,
        {{ percent_at('x.stretch.from_ms', 's.duration_ms') }} as first_percent,
        {{ percent_at('(x.stretch.to_ms - 1)', 's.duration_ms') }} as last_percent
    from stretches as x
    inner join sessions as s on x.viewing_session_id = s.viewing_session_id
    where x.stretch.from_ms < s.duration_ms and x.stretch.to_ms > x.stretch.from_ms and {{ touched('s.dt') }}
),

reached as (
    select
        *,
        coalesce(max(last_percent) over (
            partition by viewing_session_id order by first_percent, last_percent
            rows between unbounded preceding and 1 preceding
        ), -1) as reached_percent
    from percents
),

merged as (
    select dt, title_id, greatest(first_percent, reached_percent + 1) as first_percent, last_percent
    from reached
    where last_percent > reached_percent
),

steps as (
    select dt, title_id, first_percent as percent, 1 as watchers, 0 as drop_offs from merged
    union all
    select dt, title_id, last_percent + 1, -1, 0 from merged
    union all
    select dt, title_id, {{ percent_at('last_position_ms', 'duration_ms') }}, 0, 1 from sessions where {{ touched() }}
)

select
    dt,
    title_id,
    percent,
    cast(sum(watchers) as bigint) as watchers,
    cast(sum(drop_offs) as bigint) as drop_offs
from steps
group by dt, title_id, percent
having sum(watchers) <> 0 or sum(drop_offs) <> 0
