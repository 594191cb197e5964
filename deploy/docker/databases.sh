#!/bin/sh
# Runs once, when PostgreSQL's volume is empty: one role without special rights, which owns the three databases.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --set password="$DATABASE_PASSWORD" --username "$POSTGRES_USER" postgres <<'SQL'
CREATE ROLE marquee LOGIN PASSWORD :'password';
CREATE DATABASE marquee OWNER marquee;
CREATE DATABASE airflow OWNER marquee;
CREATE DATABASE mlflow OWNER marquee;
SQL
