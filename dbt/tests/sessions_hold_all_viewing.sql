{#
Every playback in which something was watched lies in a ViewingSession, and nothing is counted twice: by profile and
title both tell the same watched time and the same number of playbacks. Fails when a partition of either is lost.
#}
with viewing as (
    select profile_id, title_id, watched_ms, 1 as playbacks, 0 as session_ms, 0 as session_playbacks
    from {{ ref('int_playbacks') }}
    where watched_ms > 0
    union all
    select profile_id, title_id, 0, 0, watched_ms, playbacks from {{ ref('int_sessions') }}
)

select
    profile_id,
    title_id,
    sum(watched_ms) as watched_ms_of_playbacks,
    sum(session_ms) as watched_ms_of_sessions,
    sum(playbacks) as playbacks,
    sum(session_playbacks) as playbacks_of_sessions
from viewing
group by profile_id, title_id
having sum(watched_ms) <> sum(session_ms) or sum(playbacks) <> sum(session_playbacks)
