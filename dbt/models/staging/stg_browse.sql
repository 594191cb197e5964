select
    dt, visit_id, seq, name, {{ adapter.quote('row') }} as row_kind, results, session_id, arm, profile_id, origin
from ({{ first_copy(source('lake', 'browse'), ['dt', 'visit_id', 'seq'], 'received_ms, name, viewer_time_ms') }}) as browse
