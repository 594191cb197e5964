"""What viewers do, as data: event log, logs of edges, lake, imported and simulated histories, warehouse, checks, pages.

The stages do not import each other, and share the lake; `pipeline` joins them with the catalogue, one function per use
case. Nothing here knows the other wings, Airflow, FastAPI, Spark or models.
"""
