"""Prepares folders, the database cluster, databases and their schemas before servers start."""

import sys
from collections.abc import Callable

from marquee.embedded import airflow
from marquee.embedded.launch import Spec
from marquee.embedded.services import ROOT, base_environment, embedded_postgres, program
from marquee.settings import Settings
from marquee.tools.process import run

DATABASES = ("marquee", "airflow", "mlflow", "billing")
FOLDERS = ("inbox", "quarantine", "logs/airflow", "airflow", "run")
MIGRATION_S = 300


def prepare_folders(s: Settings) -> None:
    """The folders people and servers find, and the database's cluster."""
    for folder in (*(s.home / name for name in FOLDERS), *(s.edge_log / edge for edge in s.edges)):
        folder.mkdir(parents=True, exist_ok=True)
    airflow.write_passwords(s)
    if s.embedded_postgres:
        embedded_postgres(s).prepare()


def prepare_databases(
    s: Settings, migrate: Callable[[], None], say: Callable[[str], None], *, with_airflow: bool
) -> None:
    """Databases where the server is ours, then the schemas of the catalogue and, when it is wanted, of Airflow."""
    if s.embedded_postgres:
        embedded_postgres(s).ensure_databases(DATABASES)
    migrate()
    if with_airflow and not airflow.migrated(s):
        say("bringing Airflow's database up to date")
        _migrate_airflow(s)
        airflow.stamp(s)


def _migrate_airflow(s: Settings) -> None:
    """`airflow db migrate`; its environment, which holds secrets, travels in a file of the owner's."""
    path = s.home / "run" / "airflow-migration.json"
    Spec([program("airflow"), "db", "migrate"], str(ROOT), base_environment(s) | airflow.environment(s)).write(path)
    run([sys.executable, "-m", "marquee.embedded.launch", str(path)], timeout_s=MIGRATION_S, cwd=ROOT)
