"""Prints the Secrets that an overlay's pods ask for: `make_secrets.py overlays/minimal | kubectl apply --filename -`.

Passwords and keys are those of a .env that deploy/docker/make_env.py has made; a MARQUEE_DATABASE_URL of its own goes
before the address given here. Certificates are made, and renewed when they soon end, in a folder that is to be kept:
its authority/ signs them. Needs `kubectl` and Marquee's environment. What it prints is secret.
"""

import argparse
import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
NAMESPACE = "marquee"
INSIDE = {"tls-combined.pem": "inside.pem", "ca.crt": "authority.pem"}  # keys as cert-manager names them
PUBLIC = {"tls-combined.pem": "public.pem"}
Json = dict[str, Any]


def rendered(overlay: Path) -> list[Json]:
    """What `kubectl kustomize` makes of a folder. Raises SystemExit with its words when it refuses."""
    program = shutil.which("kubectl", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}") or "kubectl"
    done = subprocess.run([program, "kustomize", str(overlay)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.strip())
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def asked_for(manifests: object) -> Iterator[str]:
    """The names of the Secrets that anything in these manifests reads."""
    if isinstance(manifests, list):
        for each in manifests:
            yield from asked_for(each)
    elif isinstance(manifests, dict):
        for key, value in manifests.items():
            if key in ("secretRef", "secretKeyRef", "secret") and isinstance(value, dict):
                yield value.get("name") or value["secretName"]
            yield from asked_for(value)


def settings_of(manifests: list[Json]) -> dict[str, str]:
    """The settings that are no secrets, as the overlay has them."""
    maps = [each for each in manifests if each["kind"] == "ConfigMap"]
    (found,) = [each["data"] for each in maps if "MARQUEE_PROFILE" in each["data"]]
    return dict(found)


def lines_of(env: Path) -> dict[str, str]:
    """The variables of a .env."""
    lines = [line for line in env.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def of_platform(env: Mapping[str, str], public: Mapping[str, str], address: str) -> dict[str, str]:
    """The Secret `marquee`: every setting that no ConfigMap has."""
    made = {"MARQUEE_DATABASE_URL": f"postgresql://marquee:{env['DATABASE_PASSWORD']}@{address}"}
    return made | {name: value for name, value in env.items() if name.startswith("MARQUEE_") and name not in public}


def of_airflow(env: Mapping[str, str], database: str, broker: str) -> dict[str, str]:
    """The Secret `airflow`. `database` is the URL of the server, without a database's name."""
    return {
        "AIRFLOW__CORE__FERNET_KEY": f"{env['AIRFLOW_FERNET_KEY']}=",  # Fernet wants the padding
        "AIRFLOW__API__SECRET_KEY": env["MARQUEE_AIRFLOW_SECRET"],
        "AIRFLOW__API_AUTH__JWT_SECRET": env["AIRFLOW_JWT_SECRET"],
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"{_driven(database)}/airflow",
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{database}/airflow",
        "AIRFLOW__CELERY__BROKER_URL": f"redis://:{env['REDIS_PASSWORD']}@{broker}/0",
        "DATABASE_URL": f"{database}/airflow",
    }


def of_stores(env: Mapping[str, str], public_buckets: list[str]) -> dict[str, dict[str, str]]:
    """The Secrets of the servers that the overlay `minimal` brings along."""
    account = {"accessKey": env["S3_ACCESS_KEY"], "secretKey": env["S3_SECRET_KEY"]}
    identities = [
        {"name": "marquee", "credentials": [account], "actions": ["Admin", "Read", "List", "Tagging", "Write"]},
        {"name": "anonymous", "actions": [f"Read:{bucket}" for bucket in public_buckets]},
    ]
    password = env["REDIS_PASSWORD"]
    conf = f"requirepass {password}\nappendonly yes\nmaxmemory-policy noeviction\n"
    return {
        "postgres": {name: env[name] for name in ("POSTGRES_PASSWORD", "DATABASE_PASSWORD")},
        "broker": {"REDIS_PASSWORD": password, "valkey.conf": conf},
        "objects-server": {"s3.json": json.dumps({"identities": identities})},
    }


def of_certificates(tls: Path) -> dict[str, dict[str, str]]:
    """The Secrets of a folder that marquee/gateway/certificate_folder.py describes."""
    made = {"tls-authority": {"ca.crt": (tls / "authority.pem").read_text()}}
    for role in sorted(path.parent for path in tls.glob("*/inside.pem")):
        made[f"tls-{role.name}-inside"] = {key: (role / file).read_text() for key, file in INSIDE.items()}
        if (role / "public.pem").exists():
            made[f"tls-{role.name}-public"] = {key: (role / file).read_text() for key, file in PUBLIC.items()}
    return made


def certificates(values: Mapping[str, str], home: Path) -> Path:
    """Make or renew all certificates that these settings call for; returns their folder."""
    os.environ |= dict(values) | {"MARQUEE_HOME": str(home)}
    from marquee.gateway import installation
    from marquee.settings import Settings

    config = Settings(_env_file=None)
    installation.ensure(config)
    return config.certificates


def secrets(manifests: list[Json], env: Mapping[str, str], arguments: argparse.Namespace) -> dict[str, dict[str, str]]:
    """By name the Secrets that can be made, whether an overlay asks for them or not."""
    public = settings_of(manifests)
    platform = of_platform(env, public, arguments.database)
    database = platform["MARQUEE_DATABASE_URL"]
    buckets = [url.removeprefix("s3://") for url in json.loads(public["MARQUEE_ORIGIN_URLS"]).values()]
    made = {
        "marquee": platform,
        "objects": {"AWS_ACCESS_KEY_ID": env["S3_ACCESS_KEY"], "AWS_SECRET_ACCESS_KEY": env["S3_SECRET_KEY"]},
        "airflow": of_airflow(env, database, arguments.broker),
        "mlflow": {"MLFLOW_BACKEND_STORE_URI": f"{_driven(database)}/mlflow"},
        **of_stores(env, buckets),
    }
    if arguments.certificates:
        made |= of_certificates(certificates(public | platform, arguments.certificates))
    if arguments.public:
        made |= {
            f"tls-{role}-public": {"tls-combined.pem": arguments.public.read_text()} for role in ("gateway", "edge")
        }
    return made


def manifest(name: str, data: Mapping[str, str]) -> Json:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": encoded}


def main() -> None:
    """Print a List. Certificates that are left to cert-manager are left out, with all that is not asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("overlay", type=Path, help="a folder of deploy/kubernetes/overlays")
    parser.add_argument("--env", type=Path, default=Path(".env"), help="the .env with passwords and keys")
    parser.add_argument("--database", default="postgres:5432", help="host:port of PostgreSQL")
    parser.add_argument("--broker", default="broker:6379", help="host:port of the Celery broker")
    parser.add_argument("--certificates", type=Path, help="a folder to make certificates in, and to keep")
    parser.add_argument(
        "--public", type=Path, help="a PEM file of yours: certificate, chain and key for all public names"
    )
    arguments = parser.parse_args()
    manifests = rendered(arguments.overlay)
    made = secrets(manifests, lines_of(arguments.env), arguments)
    wanted = [manifest(name, made[name]) for name in sorted(set(asked_for(manifests)) & set(made))]
    json.dump({"apiVersion": "v1", "kind": "List", "items": wanted}, sys.stdout, indent=1)


def _driven(database: str) -> str:
    return database.replace("postgresql://", "postgresql+psycopg2://", 1)


if __name__ == "__main__":
    main()
