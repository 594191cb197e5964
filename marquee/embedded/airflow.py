"""Airflow on one machine: its whole environment, its users, its commands, its database and its pool."""

import base64
import hmac
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg import sql

from marquee.contracts.errors import Unavailable
from marquee.settings import Settings

ROOT = Path(__file__).parents[2]
USERS = {"admin": "admin", "ops": "user", "viewer": "viewer"}  # name to role of the simple auth manager
LAKE_POOL = {
    "name": "lake",
    "slots": 1,
    "description": "writers of the lake and the warehouse",
    "include_deferred": False,
}
PARALLELISM = 8
MAX_MAP_LENGTH = 16_384  # chunks × rungs of a long film; Airflow's default is 1,024


def environment(s: Settings) -> dict[str, str]:
    """Every AIRFLOW__ value of the embedded stack, and what keeps its parts from telephoning."""
    home = s.home / "airflow"
    local = f"http://127.0.0.1:{s.port_airflow}"
    values = {
        "CORE__EXECUTOR": "marquee_airflow.executors.LocalExecutor",
        "CORE__DAGS_FOLDER": f"{ROOT}/dags",
        "CORE__PLUGINS_FOLDER": f"{ROOT}/plugins",
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__PARALLELISM": str(PARALLELISM),
        "CORE__MAX_MAP_LENGTH": str(MAX_MAP_LENGTH),
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__FERNET_KEY": _derived(s, "fernet"),
        "CORE__HOSTNAME_CALLABLE": "marquee.embedded.hostname.loopback",
        "CORE__EXECUTION_API_SERVER_URL": f"{local}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in USERS.items()),
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "DATABASE__SQL_ALCHEMY_CONN": s.database("airflow", driver="psycopg2"),
        "API__HOST": s.behind_gateway,
        "API__PORT": str(s.port_airflow),
        "API__BASE_URL": s.airflow_url,
        "API__WORKERS": "1",
        "API__INSTANCE_NAME": "Marquee",
        "API__SECRET_KEY": _derived(s, "api"),
        "API_AUTH__JWT_SECRET": _derived(s, "jwt", "sha512"),  # HS512 wants 64 bytes: RFC 7518 §3.2
        "DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        "DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL": "10",
        "DAG_PROCESSOR__PRINT_STATS_INTERVAL": "600",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",  # a file that has changed is read within ten seconds
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0",  # the executor rests instead, and is woken
        "SCHEDULER__ENABLE_HEALTH_CHECK": "False",
        "SCHEDULER__JOB_HEARTBEAT_SEC": "10",  # a part counts as gone after 30 s without one
        "TRIGGERER__JOB_HEARTBEAT_SEC": "10",
        # A task whose process was killed is found and run again within about a minute, not five.
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "5",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "45",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
        "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "15",
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "LOGGING__BASE_LOG_FOLDER": str(s.home / "logs" / "airflow"),
        "LOGGING__JSON_LOGS": "True",
        # The requests that its server answers, with clients' addresses and queries; the gateway logs them without.
        "LOGGING__NAMESPACE_LEVELS": "http.access=warning",
        "LOGGING__WORKER_LOG_SERVER_PORT": str(s.port_airflow_logs),
        "LOGGING__TRIGGER_LOG_SERVER_PORT": str(s.port_airflow_logs),
        "COSMOS__ENABLE_TELEMETRY": "False",
    }
    quiet = {"DO_NOT_TRACK": "1", "SCARF_ANALYTICS": "false", "GX_ANALYTICS_ENABLED": "false"}
    quiet |= {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    settings = {f"AIRFLOW__{name}": value for name, value in (values | _traces(s)).items()}
    return {"AIRFLOW_HOME": str(home), **quiet, **_exporter(s), **settings}


def _traces(s: Settings) -> dict[str, str]:
    return {"TRACES__OTEL_ON": "True"} if s.otlp_url else {}


def _exporter(s: Settings) -> dict[str, str]:
    """OpenTelemetry's own variables: Airflow wants to be told by them where its spans go."""
    if not s.otlp_url:
        return {}
    return {
        "OTEL_SERVICE_NAME": "airflow",
        "OTEL_TRACES_EXPORTER": "otlp_proto_http",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": s.otlp_traces,
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": str(s.trace_share),
    }


def passwords(s: Settings) -> dict[str, str]:
    """User name to password."""
    return {name: s.secret("airflow_password") if name == "admin" else _derived(s, name)[:16] for name in USERS}


def write_passwords(s: Settings) -> None:
    """The simple auth manager's file, for the owner only."""
    path = s.home / "airflow" / "passwords.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(passwords(s)))


def migrated(s: Settings) -> bool:
    """Whether the database was brought to this version of Airflow; its comment says so."""
    query = "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"
    with psycopg.connect(_plain_url(s)) as connection:
        row = connection.execute(query).fetchone()
    return row is not None and row[0] == _stamp()


def stamp(s: Settings) -> None:
    """Say in the database's comment that this version's schema is in place: asking Airflow takes seconds."""
    with psycopg.connect(_plain_url(s)) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("comment on database {} is {}").format(name, sql.Literal(_stamp())))


def ensure_pools(s: Settings) -> None:
    """Give the pools their slots, through the REST API. Raises Unavailable."""
    login = {"username": "admin", "password": passwords(s)["admin"]}
    encodes = {"name": "transcode", "slots": s.transcode_slots, "description": "encodes at once"}
    with httpx.Client(base_url=f"http://127.0.0.1:{s.port_airflow}", timeout=120, trust_env=False) as client:
        token = client.post("/auth/token", json=login).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        for pool in (encodes | {"include_deferred": False}, LAKE_POOL):
            _ensure_pool(client, pool)


def _ensure_pool(client: httpx.Client, pool: dict[str, Any]) -> None:
    answer = client.patch(f"/api/v2/pools/{pool['name']}", json=pool)
    if answer.status_code == 404:
        answer = client.post("/api/v2/pools", json=pool)
    if answer.is_error:
        raise Unavailable("Airflow refused the pool", where=pool["name"], got=answer.text)


def _derived(s: Settings, purpose: str, digest_name: str = "sha256") -> str:
    """A secret of its own for each purpose, from the one `airflow_secret`; with SHA-256 also a valid Fernet key."""
    digest = hmac.digest(s.secret("airflow_secret").encode(), purpose.encode(), digest_name)
    return base64.urlsafe_b64encode(digest).decode()


def _plain_url(s: Settings) -> str:
    return s.database("airflow").replace("postgresql+psycopg://", "postgresql://")


def _stamp() -> str:
    return f"airflow {version('apache-airflow-core')}"
