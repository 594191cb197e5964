{# Whose rows count. Simulated viewers are never mixed with real ones unless that is asked for. #}
{% macro counts(origin='origin') -%}
  {%- set audience = var('audience') -%}
  {%- if audience == 'all' -%} true
  {%- elif audience == 'real' -%} {{ origin }} in ('demo', 'account', 'imported')
  {%- elif audience == 'simulated' -%} {{ origin }} = 'simulated'
  {%- else -%} {{ exceptions.raise_compiler_error("var audience: expected real, simulated or all; got " ~ audience) }}
  {%- endif -%}
{%- endmacro %}

{#
Each key once, whatever copies the files hold. Copies differ in nothing but, for events, the time they came. Rows that
say whose they are count for the audience only; `anybodys` rows have no origin and count always.
#}
{% macro first_copy(relation, key, order_by, anybodys=false) -%}
  select * from (
    select *, row_number() over (partition by {{ key | join(', ') }} order by {{ order_by }}) as copy_number
    from {{ relation }}
    where {{ 'true' if anybodys else counts() }}
  ) as copies
  where copy_number = 1
{%- endmacro %}

{# Of an incremental model: the rows whose day is to be made anew; `later` adds the days after each. #}
{% macro touched(column='dt', later=0) -%}
  {%- if is_incremental() and var('days') -%}
    {%- set ns = namespace(days=[]) -%}
    {%- for day in var('days') -%}
      {%- for n in range(later + 1) -%}
        {%- do ns.days.append("'" ~ (modules.datetime.date.fromisoformat(day) + modules.datetime.timedelta(days=n)) ~ "'") -%}
      {%- endfor -%}
    {%- endfor -%}
    {{ column }} in (cast({{ ns.days | unique | sort | join(' as date), cast(') }} as date))
  {%- else -%} true
  {%- endif -%}
{%- endmacro %}

{# A table that is made anew for the touched days only. #}
{% macro by_day() %}
  {{ config(
      materialized='incremental',
      incremental_strategy='append',
      pre_hook='{{ forget_touched() }}',
      partition_by='dt' if target.type == 'spark' else none,
      file_format='parquet' if target.type == 'spark' else none
  ) }}
{% endmacro %}

{# Removes those days before they are written anew, so that a day whose rows are all gone goes too. #}
{% macro forget_touched() %}
  {% if is_incremental() %}{{ adapter.dispatch('forget_touched')() }}{% endif %}
{% endmacro %}
{% macro duckdb__forget_touched() %} delete from {{ this }} where {{ touched() }} {% endmacro %}
{% macro spark__forget_touched() %}
  {% if not var('days') %} truncate table {{ this }}
  {% else %}
    alter table {{ this }} drop if exists
    {% for day in var('days') %} partition (dt = date'{{ day }}'){{ ',' if not loop.last }}{% endfor %}
  {% endif %}
{% endmacro %}
