{# What each edge served to each session. A request that the player broke off itself (499) is no error. #}
{{ by_day() }}
select
    dt,
    session_id,
    edge,
    max(origin) as origin,
    max(title_id) as title_id,
    cast(count(*) as bigint) as requests,
    cast(sum(case when method = 'GET' and status in (200, 206) and kind in ('video', 'audio') and segment is not null
        then 1 else 0 end) as bigint) as segments,
    cast(sum(bytes) as bigint) as bytes,
    cast(sum(case when status in (200, 206) and kind in ('video', 'audio') then bytes else 0 end) as bigint) as media_bytes,
    cast(sum(case when cache = 'HIT' then 1 else 0 end) as bigint) as hits,
    cast(sum(case when cache is not null then 1 else 0 end) as bigint) as looked_up,
    cast(sum(case when status >= 400 and status <> 499 then 1 else 0 end) as bigint) as errors,
    max(ms) as slowest_ms,
    max(upstream_ms) as slowest_origin_ms,
    cast(sum(case when starved then 1 else 0 end) as bigint) as starved,
    min(at_ms) as first_ms,
    max(at_ms) as last_ms
from {{ ref('stg_edge_requests') }}
where {{ touched() }}
group by dt, session_id, edge
