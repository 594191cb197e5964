{{ by_day() }}
select * from {{ ref('stg_browse') }}
where {{ touched() }}
