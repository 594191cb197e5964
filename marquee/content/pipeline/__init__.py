"""The use cases that join the stages and the catalogue: one function per step of a title's way to the viewers.

Airflow's tasks, the command line and the tests call these same functions. Each can be killed at any moment and run
again: what was finished is found by its content-addressed key or its row, and not made twice.
"""
