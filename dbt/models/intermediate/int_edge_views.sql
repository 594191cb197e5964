{#
What each session's player says of each edge: the events that name it, and its own counts of what came from there.
Copies of events count once.
#}
{{ by_day() }}
select
    dt,
    session_id,
    edge,
    max(origin) as origin,
    cast(count(distinct event) as bigint) as events,
    cast(count(distinct error) as bigint) as errors,
    cast(count(distinct stall) as bigint) as rebuffers,
    max(segments) as segments,
    max(bytes) as bytes,
    max(received_ms) as last_ms
from (
    select
        dt, session_id, edge, origin, received_ms, seq as event,
        case when name = 'error' and error_category = 'network' and not coalesce(error_business, false) then seq end as error,
        case when name = 'rebufferstart' then seq end as stall,
        cast(null as bigint) as segments, cast(null as bigint) as bytes
    from {{ source('lake', 'events') }}
    where {{ counts() }} and {{ touched() }} and edge is not null
    union all
    select
        dt, session_id, edge, origin, received_ms, cast(null as bigint), cast(null as bigint), cast(null as bigint),
        segments, bytes
    from {{ source('lake', 'edge_reports') }}
    where {{ counts() }} and {{ touched() }}
) as said
group by dt, session_id, edge
