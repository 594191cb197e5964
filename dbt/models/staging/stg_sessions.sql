select
    dt, viewing_session_id, profile_id, title_id, origin, country, device, playbacks, started_ms, ended_ms, watched_ms,
    last_position_ms, furthest_ms, duration_ms,
    cast(round(completion * 1000000) as bigint) as completion_ppm, -- whole numbers add up alike in any order
    completed
from ({{ first_copy(source('lake', 'sessions'), ['dt', 'viewing_session_id'], 'playbacks desc, ended_ms desc, watched_ms desc') }}) as sessions
