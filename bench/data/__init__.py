"""Processing: our Spark jobs and dbt marts against hand-written SQL in DuckDB, on made-up events."""
