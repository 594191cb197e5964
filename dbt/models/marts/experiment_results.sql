{#
The unit is the profile: it is counted in the arm it saw first, and has played when any visit in which it saw that arm
ended in a play. `rate` = played / profiles with Wilson's interval:
  (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n), z = 1.96 (95 %)
`lift` = rate − the control's rate, in points, with the normal approximation: lift ± z √(p(1 − p)/n + p₀(1 − p₀)/n₀).
The control is the arm of that name, else the first by name. An arm is written `experiment:arm`; by its name alone it is one of row-order.
#}
{% set z = 1.959963984540054 %}
{% set name = "case when arm like '%:%' then split_part(arm, ':', 1) else 'row-order' end" %}
{% set side = "case when arm like '%:%' then split_part(arm, ':', 2) else arm end" %}
with exposed as (
    select {{ name }} as experiment, {{ side }} as arm, profile_id, visit_id, min(seq) as seq
    from {{ ref('int_browse') }}
    where name = 'shown' and arm is not null
    group by 1, 2, 3, 4
),

firsts as (
    select experiment, profile_id, min(visit_id) as visit_id from exposed group by experiment, profile_id
),

assigned as (
    select e.experiment, e.profile_id, min(e.arm) as arm
    from exposed as e
    inner join firsts as f
        on e.experiment = f.experiment and e.profile_id = f.profile_id and e.visit_id = f.visit_id
    group by e.experiment, e.profile_id
),

plays as (
    select visit_id, max(seq) as seq from {{ ref('int_browse') }} where name = 'play' group by visit_id
),

profiles as (
    select
        a.experiment,
        a.arm,
        a.profile_id,
        count(*) as visits,
        max(case when p.seq > e.seq then 1 else 0 end) as played
    from assigned as a
    inner join exposed as e on a.experiment = e.experiment and a.arm = e.arm and a.profile_id = e.profile_id
    left join plays as p on e.visit_id = p.visit_id
    group by a.experiment, a.arm, a.profile_id
),

arms as (
    select
        experiment,
        arm,
        cast(count(*) as double) as n,
        cast(sum(visits) as bigint) as exposed,
        cast(sum(played) as bigint) as played,
        cast(sum(played) as double) / count(*) as p,
        row_number() over (
            partition by experiment order by case when arm = 'control' then 0 else 1 end, arm
        ) as nth
    from profiles
    group by experiment, arm
),

compared as (
    select
        a.*,
        case when a.nth > 1 then a.p - c.p end as lift,
        {{ z }} * sqrt(a.p * (1 - a.p) / a.n + c.p * (1 - c.p) / c.n) as lift_margin,
        a.p + {{ z * z }} / (2 * a.n) as centre,
        {{ z }} * sqrt(a.p * (1 - a.p) / a.n + {{ z * z }} / (4 * a.n * a.n)) as margin,
        1 + {{ z * z }} / a.n as scale
    from arms as a
    inner join arms as c on a.experiment = c.experiment and c.nth = 1
)

select
    experiment,
    arm,
    cast(n as bigint) as profiles,
    exposed,
    played,
    p as rate,
    greatest((centre - margin) / scale, cast(0 as double)) as low,
    least((centre + margin) / scale, cast(1 as double)) as high,
    lift,
    lift - lift_margin as lift_low,
    lift + lift_margin as lift_high
from compared
