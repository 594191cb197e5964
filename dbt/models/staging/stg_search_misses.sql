select {{ day_of('day_ms') }} as dt, query, territory, language, times, askers
from {{ source('lake', 'search_misses') }}
