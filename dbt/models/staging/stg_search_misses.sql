select {{ day_of('day_ms') }} as dt, query, territory, language, times, askers
from (
    {{ first_copy(
        source('lake', 'search_misses'),
        ['day_ms', 'query', 'territory', 'language'],
        'times desc, askers desc',
        anybodys=true
    ) }}
) as misses
