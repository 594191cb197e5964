"""Settings reach the pods: every one of them, under its name, and no secret where it is not needed."""

import json
import runpy
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from marquee.settings import Profile, Settings
from tests.deploy.test_env import EMBEDDED, FIELDS, load
from tests.manifests import FOLDER, OVERLAYS, RENDERED, Json, environment, named, pod, pods, rendered, words

every = pytest.mark.parametrize("name", RENDERED)
SECRET_FIELDS = {f"MARQUEE_{name.upper()}" for name, f in Settings.model_fields.items() if f.annotation is SecretStr}
# Addresses that hold a password.
ADDRESSES = {"MARQUEE_DATABASE_URL", "MARQUEE_READ_DATABASE_URL", "MARQUEE_CACHE_URL", "MARQUEE_REGIONS"} & FIELDS
SECRET = (SECRET_FIELDS | ADDRESSES) - EMBEDDED


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(FOLDER / "make_secrets.py"))


@pytest.fixture(scope="module")
def made(script: dict[str, Any], env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """By overlay, the Secrets that make_secrets.py prints."""

    def make(name: str) -> dict[str, dict[str, str]]:
        arguments = Namespace(database="db.example:5432", broker="broker.example:6379", certificates=None, public=None)
        found: dict[str, dict[str, str]] = script["secrets"](list(rendered(name)), env, arguments)
        return found

    return make


def settings_map(name: str) -> dict[str, str]:
    data: dict[str, str] = named(rendered(name), "ConfigMap", "settings")["data"]
    return data


@every
def test_every_setting_is_in_the_map_or_in_the_secret(name: str) -> None:
    assert set(settings_map(name)) == FIELDS - EMBEDDED - SECRET


@pytest.mark.parametrize("name", OVERLAYS)
def test_pods_start_with_what_they_are_given(name: str, made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The values are ones that the settings take, in the production profile, with nothing left to be made up."""
    for each in pods(rendered(name)):
        for container in each.containers:
            given = environment(rendered(name), container)
            if "MARQUEE_PROFILE" not in given:
                continue
            secrets = [s["secretRef"]["name"] for s in container["envFrom"] if "secretRef" in s]
            values = {k: v for s in secrets for k, v in made(name)[s].items()} | {k: v for k, v in given.items() if v}
            config = load(monkeypatch, {k: v for k, v in values.items() if k.startswith("MARQUEE_")})
            assert config.profile is Profile.PRODUCTION
            assert config.mutual_tls
            assert config.database("airflow").endswith("@db.example:5432/airflow")


@every
def test_secrets_that_are_asked_for_are_made(name: str, script: dict[str, Any], made: Any) -> None:
    wanted = {each for each in script["asked_for"](list(rendered(name))) if not each.startswith("tls-")}
    wanted -= {"authority"}  # an issuer's, of cert-manager
    assert wanted <= set(made(name))
    for each in pods(rendered(name)):
        for container in each.containers:
            for variable in container.get("env", []):
                key = variable.get("valueFrom", {}).get("secretKeyRef")
                assert not key or key.get("optional") or key["key"] in made(name)[key["name"]], each.name


HELD = {
    "api": {"marquee", "objects", "tls-api-inside"},
    "airflow": {"marquee", "objects", "airflow", "tls-authority"},
    "edge": {"marquee:MARQUEE_EDGE_KEY", "marquee:MARQUEE_WATERMARK_KEY", "tls-edge-inside", "tls-edge-public"},
    "shield": {"marquee:MARQUEE_EDGE_KEY", "tls-shield-inside"},
    "origin": {"tls-origin-inside"},
    "gateway": {"tls-gateway-inside", "tls-gateway-public"},
    "mlflow": {"objects", "mlflow:MLFLOW_BACKEND_STORE_URI"},
    "live": {"marquee", "objects"},
    "migrate": {"marquee", "objects", "airflow"},
    "buckets": {"marquee", "objects"},
    "postgres": {"postgres"},
    "broker": {"broker", "broker:REDIS_PASSWORD"},
    "objects": {"objects-server"},
}  # by a pod's name, or the part it is of


def test_nothing_gets_a_secret_it_does_not_need() -> None:
    """A pod of nginx gets single keys; one of Python those of its part."""
    for each in pods(rendered("minimal")):
        expected = HELD.get(each.name) or HELD[each.labels["app.kubernetes.io/component"]]
        assert _secrets(each.spec) == expected, each.name


def _secrets(node: object) -> set[str]:
    if isinstance(node, list):
        return {name for each in node for name in _secrets(each)}
    if not isinstance(node, dict):
        return set()
    found = {name for each in node.values() for name in _secrets(each)}
    if key := node.get("secretKeyRef"):
        found.add(f"{key['name']}:{key['key']}")
    for kind in ("secretRef", "secret"):
        if isinstance(each := node.get(kind), dict):
            found.add(each.get("name") or each["secretName"])
    return found


def test_certificates_are_made_for_what_an_overlay_serves(
    script: dict[str, Any], env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in FIELDS:
        monkeypatch.delenv(name, raising=False)
    manifests = list(rendered("minimal"))
    arguments = Namespace(database="postgres:5432", broker="broker:6379", certificates=tmp_path, public=None)
    before = dict(script["os"].environ)
    try:
        found = script["secrets"](manifests, env, arguments)
    finally:
        script["os"].environ.clear()
        script["os"].environ.update(before)
    assert set(script["asked_for"](manifests)) <= set(found)
    for each in pods(rendered("minimal")):
        for volume in each.spec["volumes"]:
            for source in [volume, *volume.get("projected", {}).get("sources", [])]:
                if secret := source.get("secret"):
                    there = found[secret.get("secretName") or secret["name"]]
                    assert {item["key"] for item in secret["items"]} <= set(there), each.name
    own = tmp_path / "own.pem"
    own.write_text("PEM")
    arguments.public, arguments.certificates = own, None
    assert script["secrets"](manifests, env, arguments)["tls-edge-public"] == {"tls-combined.pem": "PEM"}
    printed = json.dumps(script["manifest"]("marquee", found["marquee"]))
    assert env["MARQUEE_MASTER_KEY"] not in printed


@pytest.mark.parametrize("name", OVERLAYS)
def test_edges_and_replicas_are_those_of_the_settings(name: str) -> None:
    """By name: an edge that the settings do not know gets no viewers, a replica that nobody reads no use."""
    settings = settings_map(name)
    edges = [pod(rendered(name), f"edge-{which}") for which in "ab"]
    given = {
        w.removeprefix("--name=")
        for e in edges
        for w in words(rendered(name), e.spec["containers"][0])
        if w.startswith("--name=")
    }
    known = set(json.loads(settings["MARQUEE_EDGES"]))
    region = name.removeprefix("multi-region/") if "/" in name else ""
    assert given == {edge for edge in known if edge.startswith(region) or not region}
    line = words(rendered(name), pod(rendered(name), "origin").spec["containers"][0])
    replicas = {w.partition("@")[0]: w for w in line if "@" in w}
    assert list(replicas) == list(json.loads(settings["MARQUEE_ORIGIN_URLS"]))
    for region_name, url in json.loads(settings["MARQUEE_ORIGIN_URLS"]).items():
        assert replicas[region_name].endswith(f"/{url.removeprefix('s3://')}"), "another bucket"


@every
def test_the_pods_network_is_the_same_everywhere(name: str) -> None:
    settings = settings_map(name)
    for each in pods(rendered(name)):
        for container in each.containers:
            given = environment(rendered(name), container)
            if "FORWARDED_ALLOW_IPS" in given:
                assert given["FORWARDED_ALLOW_IPS"] == settings["MARQUEE_TRUSTED_PROXIES"]
                assert given["AIRFLOW__API__BASE_URL"] == settings["MARQUEE_PUBLIC_AIRFLOW_URL"]


@pytest.mark.parametrize("name", ["single-region", "multi-region/eu", "minimal"])
def test_the_pool_has_a_place_for_every_encode_that_may_run(name: str) -> None:
    given = environment(rendered(name), pod(rendered(name), "migrate").spec["containers"][0])
    workers = int(given["TRANSCODE_WORKERS"] or 0)
    scalers = [m for m in rendered(name) if m["kind"] == "ScaledObject"]
    assert workers == (scalers[0]["spec"]["maxReplicaCount"] if scalers else 1)
    for scaler in scalers:
        (trigger,) = scaler["spec"]["triggers"]
        assert trigger["metadata"]["targetQueryValue"] == given["MARQUEE_TRANSCODE_SLOTS"]
    worker = pod(rendered(name), "airflow-worker-transcode").spec["containers"][0]
    assert float(worker["resources"]["limits"]["cpu"]) == int(given["MARQUEE_TRANSCODE_SLOTS"] or 0), "a core an encode"


def test_images_that_airflow_and_spark_put_in_are_those_of_the_rest() -> None:
    image = pod(rendered("single-region"), "airflow-scheduler").spec["containers"][0]["image"]
    airflow = named(rendered("single-region + kubernetes-executor"), "ConfigMap", "airflow")["data"]
    prefix = "AIRFLOW__KUBERNETES_EXECUTOR__WORKER_CONTAINER_"
    assert image == f"{airflow[f'{prefix}REPOSITORY']}:{airflow[f'{prefix}TAG']}"
    for name in ("single-region + spark-executors", "multi-region/eu"):
        spark: Json = named(rendered(name), "ConfigMap", "spark")["data"]
        conf = dict(
            line.split(None, 1) for line in spark["spark-defaults.conf"].splitlines() if line.startswith("spark")
        )
        assert conf["spark.kubernetes.container.image"] == image
