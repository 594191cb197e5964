{#
What an edge served and what the viewer felt, side by side. A pair of which only the viewer tells that something came,
or failed, has a row where the edges have logged that day's sessions of its kind at all: a CDN of which no log comes is no
disagreement. Neither is what an edge has not logged of sessions that ended after the newest line of their day: files are
closed after minutes.
#}
{{ by_day() }}
with served as (
    select * from {{ ref('int_edge_requests') }} where {{ touched() }}
),
told as (
    select * from {{ ref('int_edge_views') }} where {{ touched() }}
),
logged as (
    select dt, origin, max(last_ms) as until_ms from served group by dt, origin
),
pairs as (
    select dt, session_id, edge from served
    union
    select told.dt, told.session_id, told.edge from told
    join logged on told.dt = logged.dt and told.origin = logged.origin
    where told.segments > 0 or told.errors > 0
),
sides as (
    select
        pairs.dt, pairs.session_id, pairs.edge,
        coalesce(served.origin, told.origin) as origin,
        coalesce(served.title_id, played.title_id) as title_id,
        played.device, played.country, played.isp,
        coalesce(served.requests, 0) as requests,
        coalesce(served.segments, 0) as segments,
        coalesce(served.bytes, 0) as bytes,
        coalesce(served.media_bytes, 0) as media_bytes,
        {{ ratio('served.hits', 'served.looked_up') }} as hit_ratio,
        coalesce(served.errors, 0) as errors,
        served.slowest_ms,
        served.slowest_origin_ms,
        served.starved,
        served.first_ms,
        served.last_ms,
        streams.events,
        streams.last_seq + 1 - streams.events as events_missing,
        told.segments as viewer_segments,
        told.bytes as viewer_bytes,
        coalesce(told.errors, 0) as viewer_errors,
        coalesce(told.rebuffers, 0) as viewer_rebuffers,
        played.rebuffer_ms as session_rebuffer_ms,
        played.play_ms as session_play_ms,
        played.started,
        played.ended_ms
    from pairs
    left join served on pairs.dt = served.dt and pairs.session_id = served.session_id and pairs.edge = served.edge
    left join told on pairs.dt = told.dt and pairs.session_id = told.session_id and pairs.edge = told.edge
    left join {{ ref('int_event_streams') }} as streams on pairs.dt = streams.dt and pairs.session_id = streams.session_id
    left join {{ ref('int_playbacks') }} as played on pairs.dt = played.dt and pairs.session_id = played.session_id
)
select
    dt, session_id, edge, origin, title_id, device, country, isp,
    requests, segments, bytes, media_bytes, hit_ratio, errors, slowest_ms, slowest_origin_ms, starved, first_ms, last_ms,
    events, events_missing, viewer_segments, viewer_bytes, viewer_errors, viewer_rebuffers, session_rebuffer_ms,
    session_play_ms, started,
    case
        when events is null and segments > 0 then 'missing_beacons'
        when requests = 0 and complete then 'missing_edge_log'
        when events_missing > 0 or last_ms > ended_ms + {{ var('beacon_silence_ms') }} then 'lost_beacons'
        when viewer_errors > 0 and errors = 0 and complete then 'blamed_edge'
        when viewer_errors = 0 and errors > 0 then 'unreported_errors'
        when viewer_segments > segments and complete then 'lost_edge_lines'
        when segments - viewer_segments > greatest({{ var('segments_on_the_way') }}, segments / 10) then 'not_received'
        else 'none'
    end as disagreement
from (
    select sides.*, coalesce(sides.ended_ms < logged.until_ms, false) as complete
    from sides left join logged on sides.dt = logged.dt and sides.origin = logged.origin
) as compared
