{# The raw log by stream: what the playbacks made of it are held against. The one model that reads every event. #}
{{ by_day() }}
select
    dt,
    session_id,
    count(distinct seq) as events,
    count(*) as copies,
    max(seq) as last_seq,
    max(received_ms) as last_received_ms
from {{ source('lake', 'events') }}
where {{ counts() }} and {{ touched() }}
group by dt, session_id
