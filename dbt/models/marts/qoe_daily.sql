{{ by_day() }}
select
    dt,
    edge,
    device,
    isp,
    cast(count(*) as bigint) as attempts,
    cast(sum(case when started then 1 else 0 end) as bigint) as starts,
    cast(percentile_cont(0.5) within group (order by startup_ms) as double) as startup_p50_ms,
    cast(percentile_cont(0.95) within group (order by startup_ms) as double) as startup_p95_ms,
    cast(sum(case when exit_before_start and not refused then 1 else 0 end) as bigint) as exits_before_start,
    cast(sum(case when start_failure then 1 else 0 end) as bigint) as start_failures,
    cast(sum(case when refused then 1 else 0 end) as bigint) as refused,
    cast(sum(case when fatal then 1 else 0 end) as bigint) as fatal,
    {{ ratio('cast(sum(rebuffer_ms) as bigint)', 'cast(sum(play_ms) + sum(rebuffer_ms) as bigint)') }} as rebuffer_ratio,
    {{ ratio('cast(sum(rated_bits) as bigint) * cast(1000 as double)', 'cast(sum(rated_ms) as bigint)') }} as bitrate_mean,
    cast(sum(case when clean_end then 0 else 1 end) as bigint) as dropped
from {{ ref('int_playbacks') }}
where (started or exit_before_start or start_failure or refused) and {{ touched() }}
group by dt, edge, device, isp
