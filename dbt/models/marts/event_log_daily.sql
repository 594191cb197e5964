{# The raw log by day: how many events there are, how many came more than once, never, or later than the next day. #}
select
    dt,
    cast(count(*) as bigint) as streams,
    cast(sum(events) as bigint) as events,
    cast(sum(copies - events) as bigint) as copies,
    cast(sum(last_seq + 1 - events) as bigint) as missing,
    cast(sum(case when last_received_ms >= {{ start_of(plus_days('dt', 2)) }} then 1 else 0 end) as bigint) as late_streams
from {{ ref('int_event_streams') }}
group by dt
