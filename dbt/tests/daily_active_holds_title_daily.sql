{# The platform's plays of a day are the sum of its titles'. #}
select coalesce(d.dt, t.dt) as dt, d.plays as daily_active, t.plays as title_daily
from {{ ref('daily_active') }} as d
full join (select dt, sum(plays) as plays from {{ ref('title_daily') }} group by dt) as t on d.dt = t.dt
where coalesce(d.plays, 0) <> coalesce(t.plays, 0)
