{# What was counted, for every page that shows these marts. Shares are of 1, with four digits. #}
with playbacks as (
    select
        count(*) as playbacks,
        coalesce(sum(case when origin = 'simulated' then 1 else 0 end), 0) as simulated
    from {{ ref('int_playbacks') }}
),

sessions as (
    select count(*) as sessions, count(distinct profile_id) as viewers from {{ ref('int_sessions') }}
)

select 'audience' as {{ adapter.quote('key') }}, '{{ var("audience") }}' as value
union all
select 'playbacks', cast(playbacks as string) from playbacks
union all
select 'simulated_playbacks', cast(cast(simulated as bigint) as string) from playbacks
union all
select 'simulated_share', cast(cast(coalesce({{ ratio('simulated', 'playbacks') }}, 0) as decimal(10, 4)) as string)
from playbacks
union all
select 'sessions', cast(sessions as string) from sessions
union all
select 'viewers', cast(viewers as string) from sessions
union all
select 'first_day', cast(first_day as string) from {{ ref('int_calendar') }} where first_day is not null
union all
select 'last_day', cast(last_day as string) from {{ ref('int_calendar') }} where last_day is not null
union all
select 'as_of', cast(as_of as string) from {{ ref('int_calendar') }} where as_of is not null
