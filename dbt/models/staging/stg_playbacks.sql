select
    dt, session_id, profile_id, origin, device, country, isp, title_id, duration_ms, edge, started_ms, ended_ms, events,
    watched_ms, stretches, started, startup_ms, exit_before_start, start_failure, fatal, refused, play_ms, rebuffer_ms,
    cast(round(bitrate_ms / 1000) as bigint) as rated_bits, -- whole numbers add up alike in any order
    rated_ms, clean_end
from ({{ first_copy(source('lake', 'playbacks'), ['dt', 'session_id'], 'events desc, ended_ms desc, watched_ms desc') }}) as playbacks
