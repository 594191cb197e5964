{{ by_day() }}
select * from {{ ref('stg_sessions') }}
where {{ touched() }}
