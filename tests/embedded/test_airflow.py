"""Airflow's environment: complete, quiet, and with secrets that cannot be guessed from one another."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from marquee.embedded import airflow
from marquee.embedded.services import services
from marquee.settings import Settings

SECRETS = ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET")


@pytest.fixture(scope="module")
def s(make_settings):
    return make_settings()


def test_every_process_is_told_the_same(s):
    assert airflow.environment(s) == airflow.environment(s)


def test_no_two_secrets_are_alike(s):
    environment = airflow.environment(s)
    secrets = [environment[name] for name in SECRETS] + list(airflow.passwords(s).values())
    assert len(set(secrets)) == len(secrets)
    assert min(map(len, secrets)) >= 16
    assert s.secret("airflow_secret") not in json.dumps(environment)
    assert len(base64.urlsafe_b64decode(environment[SECRETS[0]])) == 32  # what Fernet takes


def test_airflow_knows_every_name(s, tmp_path):
    """A misspelt name would be passed over in silence."""
    names = [name.lower().split("__")[1:] for name in airflow.environment(s) if name.startswith("AIRFLOW__")]
    program = """import json; from airflow.configuration import conf
print(json.dumps({name: list(section["options"]) for name, section in conf.configuration_description.items()}))"""
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path)}
    output = subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True).stdout
    known = json.loads(output.splitlines()[-1])
    unknown = [name for name in names if name[1] not in known.get(name[0], [])]
    assert unknown == [["cosmos", "enable_telemetry"]]  # of a provider that may be absent


def test_the_password_file_is_for_the_owner_only(s):
    airflow.write_passwords(s)
    path = Path(airflow.environment(s)["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    assert json.loads(path.read_text()) == airflow.passwords(s)
    assert path.stat().st_mode & 0o077 == 0


def test_a_value_changed_in_the_env_file_alone_starts_its_readers_anew(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MARQUEE_EDGE_KEY", raising=False)

    def fingerprints(key: str) -> dict[str, str]:
        (tmp_path / ".env").write_text(f"MARQUEE_EDGE_KEY={key}\n")
        return {service.name: service.fingerprint for service in services(Settings(home=tmp_path / "home"))}

    one, two = fingerprints("a" * 40), fingerprints("b" * 40)
    changed = {name for name in one if one[name] != two[name]}
    assert {"api", "airflow-scheduler", "edge-a", "edge-b"} <= changed
    assert "postgres" not in changed
