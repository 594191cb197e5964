"""Marquee's core: from a delivered film to a protected stream. Knows neither Airflow nor FastAPI nor Spark."""
