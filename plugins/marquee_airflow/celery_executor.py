"""Airflow's Celery executor with the race closed that marquee_airflow.executors describes."""

from airflow.providers.celery.executors.celery_executor import CeleryExecutor as AirflowCeleryExecutor

from marquee_airflow.executors import OneAtATime


class CeleryExecutor(OneAtATime, AirflowCeleryExecutor):
    """Tasks on Celery workers."""
