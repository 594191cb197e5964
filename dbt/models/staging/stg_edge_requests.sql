select
    dt, session_id, request_id, origin, title_id, edge, at_ms, method, kind, segment, status, bytes, ms, cache, upstream_ms,
    object_duration_ms, starved
from ({{ first_copy(source('lake', 'edge_requests'), ['request_id'], 'at_ms, session_id') }}) as requests
where session_id is not null
