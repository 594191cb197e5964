"""The warehouse: dbt builds it privately, readers see it whole."""
