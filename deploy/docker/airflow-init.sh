#!/bin/sh
# Brings every database up to date. Safe to run again: an upgrade is `docker compose up --build --detach`.
set -eu
marquee migrate
airflow db migrate
# As many slots as there are encoding places: the rest waits where the scheduler can still order it by priority,
# not in the broker's queue.
airflow pools set transcode "$((TRANSCODE_WORKERS * MARQUEE_TRANSCODE_SLOTS))" "Encoding, measuring and pictures"
airflow pools set lake 1 "Writers of the lake and the warehouse"
# The account is made once; its password follows the setting.
airflow users create --username admin --role Admin --firstname Marquee --lastname Admin --email admin@marquee.invalid \
    --password="$MARQUEE_AIRFLOW_PASSWORD"
airflow users reset-password --username admin --password="$MARQUEE_AIRFLOW_PASSWORD"
