{# Marts lie in the target's own schema, what leads to them in schemas named as their folders. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {{ custom_schema_name or target.schema }}
{%- endmacro %}
