"""The compose file holds together: what it names exists, nothing is open or secret by default."""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from bench.compose.file import seconds, volume
from marquee.embedded.services import FINISH_S
from marquee.settings import SECRETS

Services = dict[str, dict[str, Any]]

ONE_SHOT = {"buckets", "certificates", "airflow-init"}
PUBLISHED = {"gateway", "edge-a", "edge-b", "mlflow", "grafana"}
NOT_A_SECRET = {"AWS_ACCESS_KEY_ID"}


def volume_parts(text: str) -> tuple[str, str]:
    return volume(text)[:2]


def test_is_valid_for_the_compose_specification(compose: dict[str, Any]) -> None:
    schemas = pytest.importorskip("check_jsonschema.builtin_schemas")
    from jsonschema import Draft7Validator

    errors = list(Draft7Validator(schemas.get_builtin_schema("vendor.compose-spec")).iter_errors(compose))
    assert [f"{list(error.path)}: {error.message}" for error in errors] == []


def test_refuses_to_start_without_any_one_secret(env: dict[str, str], interpolate: Any) -> None:
    assert {f"MARQUEE_{name.upper()}" for name in SECRETS} < set(env)
    for name in env:
        with pytest.raises(Exception, match=rf"^{name}$"):
            interpolate({k: v for k, v in env.items() if k != name})


# Of what an installation may do without: empty where it is not set.
OPTIONAL = {
    "MARQUEE_CLEARKEY",  # a switch
    "MARQUEE_EVENTS_KAFKA_PASSWORD",
    "MARQUEE_KEY_DAYS",  # a number
    "MARQUEE_KEY_SERVER_AUTHORIZATION",
    "MARQUEE_KEY_SERVER_CA",  # files' names
    "MARQUEE_KEY_SERVER_CERTIFICATE",
    "MARQUEE_KEY_SERVER_IDENTITY",
    "MARQUEE_KEY_SERVER_INSIDE",
    "MARQUEE_KEY_SERVER_URL",
    "MARQUEE_LICENCE_SERVER_KEY",
    "MARQUEE_OIDC_CLIENT_SECRET",
    "MARQUEE_OTHER_MASTER_KEY",
    "MARQUEE_STRIPE_API_KEY",
    "MARQUEE_STRIPE_WEBHOOK_SECRET",
    "MARQUEE_TLS_KEY",  # a file's name
    "MARQUEE_WATERMARK_KEY",
}


def test_no_secret_has_a_default(raw: str) -> None:
    secret = r"[A-Z0-9_]*(?:PASSWORD|SECRET|KEY)[A-Z0-9_]*"
    used = re.findall(rf"\$\{{({secret})(:.)?", raw)
    assert len(used) > 10
    assert {kind for name, kind in used if name not in OPTIONAL} == {":?"}
    for name, text in re.findall(rf"^\s+({secret}): (.*)$", raw, re.MULTILINE):
        if name in OPTIONAL:
            assert text == f"${{{name}:-}}"
            continue
        assert re.fullmatch(r"\$\{[A-Z0-9_]+:\?see \.env\.example\}=?", text), name


def test_secrets_stand_in_no_command(services: Services, env: dict[str, str]) -> None:
    for name, service in services.items():
        words = " ".join([*service.get("command", []), *service.get("healthcheck", {}).get("test", [])])
        assert not [key for key, secret in env.items() if secret in words], name


def test_nothing_uses_a_secret_it_does_not_need(services: Services, env: dict[str, str]) -> None:
    needed = {
        name: {key for key, secret in env.items() if secret in str(s.get("environment"))}
        for name, s in services.items()
    }
    assert needed["origin"] == needed["objects"] == needed["spark-master"] == needed["spark-worker"] == set()
    assert needed["gateway"] == needed["certificates"] == set()
    assert needed["shield"] == needed["edge-a"] == needed["edge-b"] == {"MARQUEE_EDGE_KEY"}
    assert needed["mlflow"] == {"DATABASE_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY"}
    assert not needed["api"] & {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "AIRFLOW_FERNET_KEY", "AIRFLOW_JWT_SECRET"}
    assert [name for name, keys in needed.items() if "POSTGRES_PASSWORD" in keys] == ["postgres"]


def test_dependencies_exist_and_can_be_met(services: Services) -> None:
    for name, service in services.items():
        for other, wanted in service.get("depends_on", {}).items():
            assert other in services, name
            if wanted["condition"] == "service_healthy":
                assert "healthcheck" in services[other], (name, other)
            else:
                assert wanted["condition"] == "service_completed_successfully"
                assert other in ONE_SHOT, (name, other)


def test_dependencies_have_an_order(services: Services) -> None:
    left = {name: set(service.get("depends_on", {})) for name, service in services.items()}
    while left:
        ready = {name for name, waits_for in left.items() if not waits_for & set(left)}
        assert ready, f"in a circle: {left}"
        left = {name: waits for name, waits in left.items() if name not in ready}


def before(services: Services, name: str) -> set[str]:
    """All that starts before a service and is stopped after it."""
    direct = set(services[name].get("depends_on", {}))
    return direct.union(*(before(services, other) for other in direct))


def test_who_is_told_of_a_store_starts_after_it_and_stops_before_it(services: Services) -> None:
    """So that nothing is written to what has ended. The job for buckets knows all settings, and uses one store."""
    told = {"postgres": "@postgres:", "redis": "@redis:", "objects": "http://objects:"}
    asked = 0
    for name, service in services.items():
        words = " ".join([*map(str, (service.get("environment") or {}).values()), *service.get("command", [])])
        for store, mark in told.items():
            if mark in words and name != "buckets":
                asked += 1
                assert store in before(services, name), (name, store)
    assert asked > 20


def test_who_asks_another_in_its_command_starts_after_it_and_stops_before_it(services: Services) -> None:
    asks = {
        (name, other)
        for name, service in services.items()
        for word in service.get("command", [])
        for other in re.findall(r"(?:^|=|//)([a-z][a-z-]+):\d+", word)
        if other in services
    }
    assert {("gateway", "api"), ("edge-a", "api"), ("shield", "origin"), ("spark-worker", "spark-master")} <= asks
    assert {(name, other) for name, other in asks if other not in before(services, name)} == set()
    assert {"mlflow", "spark-worker", "edge-a", "edge-b"} <= before(services, "worker-default")


def test_each_has_the_time_to_end_in_good_order(services: Services) -> None:
    """The API: its drain (by default none), requests that have begun, and what ends after them."""
    servers = {name: service for name, service in services.items() if name not in ONE_SHOT}
    assert min(seconds(service["stop_grace_period"]) for service in servers.values()) >= 30
    (finishing,) = (word for word in services["api"]["command"] if "graceful" in word)
    assert seconds(services["api"]["stop_grace_period"]) >= int(finishing.partition("=")[2]) + FINISH_S
    assert seconds(services["worker-default"]["stop_grace_period"]) >= 900
    for name, service in servers.items():
        expected = "SIGQUIT" if service["image"].startswith("marquee-edge:") else None
        assert service.get("stop_signal") == expected, name


def test_what_is_named_is_defined_and_used(compose: dict[str, Any], services: Services) -> None:
    volumes = {volume_parts(v)[0] for s in services.values() for v in s.get("volumes", [])}
    named = {source for source in volumes if not source.startswith((".", "/"))}
    assert named == set(compose["volumes"])
    networks = {network for s in services.values() for network in s["networks"]}
    assert networks == set(compose["networks"])
    configs = {config["source"] for s in services.values() for config in s.get("configs", [])}
    assert configs == set(compose["configs"])


def test_files_of_the_checkout_exist(services: Services, root: Path) -> None:
    paths = {volume_parts(v)[0] for s in services.values() for v in s.get("volumes", []) if v.startswith(".")}
    paths |= {s["build"]["dockerfile"] for s in services.values() if "build" in s}
    paths |= {word for s in services.values() for word in s.get("command", []) if word.startswith("deploy/")}
    assert len(paths) >= 5
    assert not [path for path in paths if not (root / path).is_file()]


def test_images_are_built_here_or_pinned(services: Services) -> None:
    for name, service in services.items():
        image, _, tag = service["image"].rpartition(":")
        if "build" not in service:
            assert image, name
            assert re.fullmatch(r"v?\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?", tag), name


def test_only_public_ports_are_open_and_only_to_this_machine(services: Services) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert set(published) == PUBLISHED
    ports = [port for open_ports in published.values() for port in open_ports]
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for port in ports)
    assert len({port.split(":")[1] for port in ports}) == len(ports)


def test_stores_are_out_of_reach_from_outside(compose: dict[str, Any], services: Services) -> None:
    assert compose["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis", "objects", "origin", "shield"):
        assert list(services[name]["networks"]) == ["inside"], name
    for name, service in services.items():
        assert "inside" in service["networks"], name
        assert "ports" not in service or {"outside", "public"} & set(service["networks"]), name


def test_the_gateway_alone_is_believed_as_a_proxy(compose: dict[str, Any], services: Services) -> None:
    """By an address that is given to nobody else; on no other network does it meet those who believe it."""
    address = services["gateway"]["networks"]["inside"]["ipv4_address"]
    (place,) = compose["networks"]["inside"]["ipam"]["config"]
    assert ip_address(address) in ip_network(place["subnet"])
    assert ip_address(address) not in ip_network(place["ip_range"])
    assert services["api"]["environment"]["MARQUEE_TRUSTED_PROXIES"] == address
    assert services["airflow-apiserver"]["environment"]["FORWARDED_ALLOW_IPS"] == address
    for name in ("api", "airflow-apiserver"):
        assert set(services[name]["networks"]) & set(services["gateway"]["networks"]) == {"inside"}


def test_each_server_has_its_own_certificates_and_none_the_authoritys_key(services: Services) -> None:
    held = {
        name: {v.partition(":")[0] for v in s.get("volumes", []) if v.startswith("tls-")}
        for name, s in services.items()
    }
    every = held.pop("certificates")
    assert {name: volumes for name, volumes in held.items() if volumes} == {
        "api": {"tls-api"}, "gateway": {"tls-gateway"}, "origin": {"tls-origin"},
        "edge-a": {"tls-edge"}, "edge-b": {"tls-edge"}, "shield": {"tls-shield"}, "prometheus": {"tls-prometheus"},
    }  # fmt: skip
    assert every == {
        "tls-authority",
        "tls-api",
        "tls-edge",
        "tls-gateway",
        "tls-origin",
        "tls-prometheus",
        "tls-shield",
    }
    read_only = [v for s in services.values() for v in s.get("volumes", []) if v.startswith("tls:")]
    assert {v for v in read_only if not v.endswith(":ro")} == {"tls:/var/lib/marquee/tls"}  # where they are made


def test_servers_restart_and_tell_their_health(services: Services) -> None:
    for name, service in services.items():
        expected = "on-failure:5" if name in ONE_SHOT else "unless-stopped"
        assert service["restart"] == expected, name
        assert ("healthcheck" in service) == (name not in ONE_SHOT), name


def test_own_images_run_without_privileges(services: Services) -> None:
    for name, service in services.items():
        if "build" in service:
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name
            assert service["init"] is True, name


def test_encoding_is_limited_and_can_be_scaled(services: Services, env: dict[str, str], interpolate: Any) -> None:
    worker = services["worker-transcode"]
    assert set(worker["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert not {"container_name", "hostname", "ports"} & set(worker), "these allow one container only"
    four = interpolate({**env, "TRANSCODE_WORKERS": "4"})["services"]
    assert four["worker-transcode"]["deploy"]["replicas"] == "4"
    assert four["airflow-init"]["environment"]["TRANSCODE_WORKERS"] == "4"


def test_scratch_folders_are_not_shared(services: Services) -> None:
    """They are named by process number, and those are told apart within one container only."""
    for name, service in services.items():
        for text in service.get("volumes", []):
            source, target = volume_parts(text)
            assert target != "/var/lib/marquee", name
            assert (
                not target.endswith(("/scratch", "/cache")) or source == target or name.startswith(("edge-", "shield"))
            ), name


def test_airflow_parts_share_one_configuration(services: Services) -> None:
    """All of Airflow's processes must agree on everything that Airflow reads."""
    members = {n: s for n, s in services.items() if n.startswith(("airflow-", "worker-"))}
    settings = [{k: v for k, v in s["environment"].items() if k.startswith("AIRFLOW__")} for s in members.values()]
    assert len(members) == 7
    assert all(each == settings[0] for each in settings)
    assert all("airflow-logs:/var/lib/airflow/logs" in s["volumes"] for s in members.values())
