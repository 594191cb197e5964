{# Makes every table of the lake known to the engine, typed as models/sources.yml says; one without files is empty. #}
{% macro lake_tables() %}
  {% if execute and flags.WHICH != 'generate' %}
    {% do run_query('create schema if not exists lake') %}
    {% for source in graph.sources.values() %}
      {% do adapter.dispatch('lake_table')(source, lake_root() ~ '/' ~ source.name) %}
    {% endfor %}
  {% endif %}
{% endmacro %}

{% macro lake_root() -%}
  {{ var('lake') or env_var('MARQUEE_LAKE', env_var('MARQUEE_HOME', '../var') ~ '/lake') }}
{%- endmacro %}

{% macro duckdb__lake_table(source, folder) %}
  {% set partitions = source.meta.partitions %}
  {% set ns = namespace(pattern=folder, types=[]) %}
  {% for column in partitions %}
    {% set ns.pattern = ns.pattern ~ '/' ~ column ~ '=*' %}
    {% do ns.types.append("'" ~ column ~ "': " ~ source.columns[column].data_type) %}
  {% endfor %}
  {% set columns = source.columns.values() | list %}
  {% set found = run_query("select count(*) from glob('" ~ ns.pattern ~ "/*.parquet')").columns[0].values()[0] %}
  {% set body %}
    select {% for c in columns -%}
      cast({{ adapter.quote(c.name) if found else 'null' }} as {{ c.data_type }}) as {{ adapter.quote(c.name) }}
      {{- ', ' if not loop.last }}
    {%- endfor %}
    {% if found -%}
      from read_parquet('{{ ns.pattern }}/*.parquet', hive_partitioning = {{ 'true' if partitions else 'false' }}
      {%- if partitions %}, hive_types = { {{- ns.types | join(', ') -}} }{% endif %})
    {%- else -%} where false {%- endif %}
  {% endset %}
  {% do run_query('create or replace view lake.' ~ source.name ~ ' as ' ~ body) %}
{% endmacro %}

{# A table at a place; dropping it leaves the files alone. Spark's SQL cannot ask which folders there are. #}
{% macro spark__lake_table(source, folder) %}
  {% set columns = [] %}
  {% for c in source.columns.values() %}
    {% do columns.append(adapter.quote(c.name) ~ ' ' ~ spark_type(c.data_type)) %}
  {% endfor %}
  {% set partitions = source.meta.partitions %}
  {% set found = source.name not in var('missing') %}
  {% do run_query('drop table if exists lake.' ~ source.name) %}
  {% do run_query(
    'create table lake.' ~ source.name ~ ' (' ~ columns | join(', ') ~ ') using parquet'
    ~ (' partitioned by (' ~ partitions | join(', ') ~ ')' if partitions else '')
    ~ (" location '" ~ folder ~ "'" if found else '')
  ) %}
  {% if partitions and found %}{% do run_query('msck repair table lake.' ~ source.name) %}{% endif %}
{% endmacro %}

{% macro spark_type(name) -%}
  {%- if name == 'VARCHAR' -%} string
  {%- elif name.endswith('[]') -%} array<{{ spark_type(name[:-2]) | trim }}>
  {%- elif name.startswith('STRUCT(') -%} struct<{{ name[7:-1] | replace(' ', ': ') | replace(',:', ',') }}>
  {%- else -%} {{ name }}
  {%- endif -%}
{%- endmacro %}
