{#
A table, made in its place. dbt's own makes it under another name and exchanges the two, for those who read meanwhile;
the files that we build are nobody else's until they are whole, and the exchange takes longer than most of our models.
#}
{% materialization table, adapter='duckdb' %}
  {% set made = this.incorporate(type='table') %}
  {{ run_hooks(pre_hooks) }}
  {% do drop_relation_if_exists(load_cached_relation(this)) %}
  {% call statement('main') %}{{ create_table_as(false, made, compiled_code) }}{% endcall %}
  {{ run_hooks(post_hooks) }}
  {% do adapter.commit() %}
  {% do return({'relations': [made]}) %}
{% endmaterialization %}
