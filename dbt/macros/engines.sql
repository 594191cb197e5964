{# What DuckDB and Spark say differently. Times are Unix milliseconds (UTC). #}

{% macro day_of(ms) %}{{ return(adapter.dispatch('day_of')(ms)) }}{% endmacro %}
{% macro duckdb__day_of(ms) %}{% do return("cast(make_timestamp_ms(" ~ ms ~ ") as date)") %}{% endmacro %}
{% macro spark__day_of(ms) %}
  {% do return("date_add(date'1970-01-01', cast(floor(" ~ ms ~ " / 86400000) as int))") %}
{% endmacro %}

{# Whole days from one date to another. #}
{% macro days_from(first, last) %}{{ return(adapter.dispatch('days_from')(first, last)) }}{% endmacro %}
{% macro duckdb__days_from(first, last) %}{% do return("date_diff('day', " ~ first ~ ", " ~ last ~ ")") %}{% endmacro %}
{% macro spark__days_from(first, last) %}{% do return("datediff(" ~ last ~ ", " ~ first ~ ")") %}{% endmacro %}

{% macro plus_days(day, n) %}{{ return(adapter.dispatch('plus_days')(day, n)) }}{% endmacro %}
{% macro duckdb__plus_days(day, n) %}{% do return("(" ~ day ~ " + cast(" ~ n ~ " as integer))") %}{% endmacro %}
{% macro spark__plus_days(day, n) %}{% do return("date_add(" ~ day ~ ", cast(" ~ n ~ " as int))") %}{% endmacro %}

{# The first millisecond of a day. #}
{% macro start_of(day) %}{% do return("cast(" ~ days_from("date'1970-01-01'", day) ~ " as bigint) * 86400000") %}{% endmacro %}

{# A row for each element of a list, in a select list. #}
{% macro each(list) %}{{ return(adapter.dispatch('each')(list)) }}{% endmacro %}
{% macro duckdb__each(list) %}{% do return("unnest(" ~ list ~ ")") %}{% endmacro %}
{% macro spark__each(list) %}{% do return("explode(" ~ list ~ ")") %}{% endmacro %}

{# A row for each whole number from first to last, in a select list. #}
{% macro each_number(first, last) %}{{ return(adapter.dispatch('each_number')(first, last)) }}{% endmacro %}
{% macro duckdb__each_number(first, last) %}{% do return("unnest(generate_series(" ~ first ~ ", " ~ last ~ "))") %}{% endmacro %}
{% macro spark__each_number(first, last) %}{% do return("explode(sequence(" ~ first ~ ", " ~ last ~ "))") %}{% endmacro %}

{% macro joined(list) %}{{ return(adapter.dispatch('joined')(list)) }}{% endmacro %}
{% macro duckdb__joined(list) %}{% do return("array_to_string(" ~ list ~ ", ', ')") %}{% endmacro %}
{% macro spark__joined(list) %}{% do return("array_join(" ~ list ~ ", ', ')") %}{% endmacro %}

{# The percent (0 to 99) of the programme in which a position lies. #}
{% macro percent_at(position_ms, duration_ms) -%}
  cast(least(99, greatest(0, floor({{ position_ms }} * 100 / {{ duration_ms }}))) as int)
{%- endmacro %}

{# a / b, or null where b is 0. #}
{% macro ratio(a, b) -%}
  cast({{ a }} as double) / nullif({{ b }}, 0)
{%- endmacro %}

{# When an id was made: Snowflakes hold the milliseconds since 2020 above their low 22 bits. #}
{% macro made_ms(id) %}{% do return("cast(floor(" ~ id ~ " / 4194304) as bigint) + 1577836800000") %}{% endmacro %}

{% macro length_of(list) %}{{ return(adapter.dispatch('length_of')(list)) }}{% endmacro %}
{% macro duckdb__length_of(list) %}{% do return("len(" ~ list ~ ")") %}{% endmacro %}
{% macro spark__length_of(list) %}{% do return("size(" ~ list ~ ")") %}{% endmacro %}
