select profile_id, title_id, at_ms, watched_ms, rating, origin
from ({{ first_copy(source('lake', 'history'), ['profile_id', 'title_id', 'at_ms'], 'watched_ms, rating, source') }}) as history
