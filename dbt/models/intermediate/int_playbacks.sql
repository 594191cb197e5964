{{ by_day() }}
select * from {{ ref('stg_playbacks') }}
where {{ touched() }}
