"""Glue between Airflow and Marquee: tasks, triggers, priorities and the pages shown inside Airflow's UI."""
