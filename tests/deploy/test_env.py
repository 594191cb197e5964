"""Every setting is in .env.example, with the default it really has, and reaches the containers."""

import re
from pathlib import Path
from typing import Any

import pytest

from marquee.settings import SECRETS, Profile, Settings

LINE = re.compile(r"^(?P<comment># )?(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)$", re.MULTILINE)
FIELDS = {f"MARQUEE_{name.upper()}" for name in Settings.model_fields}
# What only the embedded servers of a single machine read, and what edges and gateway get in their command.
EMBEDDED = {
    "MARQUEE_HOST",
    "MARQUEE_POSTGRES_PASSWORD",
    "MARQUEE_ORIGIN_HTTP_URLS",
    "MARQUEE_ORIGIN_RESOLVER",
    "MARQUEE_EDGE_CACHE_MB",
    "MARQUEE_PORT_POSTGRES",
    "MARQUEE_PORT_AIRFLOW",
    "MARQUEE_PORT_API",
    "MARQUEE_PORT_ORIGIN",
    "MARQUEE_PORT_SHIELD",
    "MARQUEE_PORT_AIRFLOW_LOGS",
    "MARQUEE_PORT_MLFLOW",
    "MARQUEE_LIVE_METRICS",
    "MARQUEE_METRICS",
    "MARQUEE_PORT_METRICS",
    "MARQUEE_PORT_GATEWAY_SPANS",
    "MARQUEE_PORT_SMTP",
    "MARQUEE_PORT_BILLING",
    "MARQUEE_PUBLIC_BILLING_URL",
    # Of the backup, which copies the embedded database.
    "MARQUEE_BACKUP_URL",
    "MARQUEE_BACKUP_PASSPHRASE_FILE",
    "MARQUEE_BACKUP_KEEP",
    "MARQUEE_BACKUP_WAL_S",
    # Of the gateway, in its command.
    "MARQUEE_GATEWAY_PROXIES",
    "MARQUEE_GATEWAY_RATE",
    # Of a region's name server.
    "MARQUEE_DNS_ZONE",
    "MARQUEE_DNS_PORT",
    "MARQUEE_DNS_KEY",
}


@pytest.fixture(scope="module")
def example(root: Path) -> dict[str, "re.Match[str]"]:
    found = list(LINE.finditer((root / ".env.example").read_text()))
    names = [line["name"] for line in found]
    assert len(names) == len(set(names))
    return {line["name"]: line for line in found}


def load(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> Settings:
    for name in FIELDS:
        monkeypatch.delenv(name, raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return Settings(_env_file=None)


def test_lists_exactly_the_settings(example: dict[str, Any]) -> None:
    assert {name for name in example if name.startswith("MARQUEE_")} == FIELDS


def test_every_setting_is_explained(root: Path) -> None:
    """No value stands at the head of its paragraph: words come first."""
    for paragraph in re.split(r"\n\s*\n", (root / ".env.example").read_text()):
        assert not LINE.match(paragraph), paragraph


def test_commented_values_are_the_defaults(example: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    bare = load(monkeypatch, {})
    written = {n: line["value"] for n, line in example.items() if n in FIELDS and line["comment"] and line["value"]}
    assert len(written) > 10
    assert load(monkeypatch, written) == bare


def test_empty_values_leave_the_defaults(example: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    bare = load(monkeypatch, {})
    assert load(monkeypatch, dict.fromkeys(FIELDS & set(example), "")) == bare


def test_a_made_env_is_enough_for_production(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    ready = load(monkeypatch, {**env, "MARQUEE_PROFILE": "production"})
    secrets = {ready.secret(name) for name in SECRETS}
    assert len(secrets) == len(SECRETS)
    assert min(map(len, secrets)) >= 43


def test_made_secrets_are_new_each_time(root: Path, env: dict[str, str]) -> None:
    from runpy import run_path

    again = run_path(str(root / "deploy/docker/make_env.py"))["filled"]((root / ".env.example").read_text())
    assert env
    assert not any(value in again for value in env.values())


def test_containers_get_every_setting(services: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("api", "buckets", "worker-default", "worker-transcode", "airflow-init"):
        given = {k: str(v) for k, v in services[name]["environment"].items() if k.startswith("MARQUEE_")}
        assert set(given) == FIELDS - EMBEDDED, name
        config = load(monkeypatch, given)
        assert config.profile is Profile.PRODUCTION
        assert not config.embedded_postgres
        assert config.database("airflow").endswith("@postgres:5432/airflow")


def test_variables_of_compose_are_those_of_the_example(raw: str, example: dict[str, Any]) -> None:
    used = set(re.findall(r"(?<!\$)\$\{([A-Z][A-Z0-9_]*)", raw))
    assert used <= set(example)
    assert {name for name in example if name not in FIELDS} <= used


def test_defaults_of_compose_are_those_of_the_example(raw: str, example: dict[str, Any]) -> None:
    defaults = set(re.findall(r"\$\{([A-Z][A-Z0-9_]*):-([^${}]+)\}", raw))
    assert len(defaults) > 10
    differing = {(name, default, example[name]["value"]) for name, default in defaults}
    assert {d for d in differing if d[1] != d[2]} == {("MARQUEE_TRANSCODE_SLOTS", "2", "")}
