"""Search in all logs of one machine: files of services with those before them, Airflow's tasks, edges.

GNU grep looks through the files, so only lines that may match are read here; they come in order of time.
"""
