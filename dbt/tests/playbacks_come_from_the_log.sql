{#
What playbacks hold, the log holds: from its first day on, every playback has its stream there, with no fewer events.
Fails when a partition of the log is lost. (The log may hold more: what came since Spark read it.)
#}
select p.dt, p.session_id, p.events as events_of_playback, e.events as events_of_log
from {{ ref('int_playbacks') }} as p
left join {{ ref('int_event_streams') }} as e on p.session_id = e.session_id
where
    p.dt >= (select min(dt) from {{ ref('int_event_streams') }})
    and (e.session_id is null or e.events < p.events)
