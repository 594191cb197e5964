"""Commands, probes and paths are those that the programs know: a changed option, port or role turns a test red."""

import re
import runpy
from functools import cache
from typing import Any

import pytest
import yaml

from marquee.gateway.certificate_folder import DOMAIN, INSIDE, MEDIA, Use
from marquee.gateway.roles import PATHS, REST
from marquee.settings import Role
from tests.deploy.test_commands import BIN, airflow
from tests.manifests import (
    FOLDER,
    RENDERED,
    ROOT,
    Json,
    environment,
    named,
    of_kind,
    pod,
    pods,
    rendered,
    words,
)  # fmt: skip

every = pytest.mark.parametrize("name", RENDERED)
NGINX = ("gateway", "edge-a", "edge-b", "shield", "origin")


@cache
def nginx() -> Any:
    return runpy.run_path(str(ROOT / "deploy/docker/nginx.py"))["arguments"]


def lines(program: str) -> dict[str, list[str]]:
    """By their words, the commands of this program in any overlay."""
    found = [words(rendered(name), c) for name in RENDERED for p in pods(rendered(name)) for c in p.containers]
    return {" ".join(line): line for line in found if line and line[0] == program}


def test_programs_are_in_the_images() -> None:
    images = [
        (c["image"], c.get("command", [""])[0]) for n in RENDERED for p in pods(rendered(n)) for c in p.containers
    ]
    programs = {program for image, program in images if re.search(r"/marquee:|^marquee:", image)}
    assert programs == {"airflow", "marquee", "mlflow", "python", "sh", "uvicorn"}
    assert not [program for program in programs - {"sh"} if not (BIN / program).exists()]
    scripts = {word for line in (lines("sh") | lines("python")).values() for word in line if word.startswith("deploy/")}
    assert scripts == {"deploy/docker/airflow-init.sh", "deploy/docker/buckets.py", "deploy/docker/spark-executor.sh"}
    assert not [script for script in scripts if not (ROOT / script).is_file()]


def test_airflow_understands_commands_settings_and_what_the_scaler_asks(tmp_path: Any) -> None:
    found = [line[1:] for line in [*lines("airflow").values(), *_probes("airflow")]]
    assert len(found) >= 9
    given = {
        key
        for n in RENDERED
        for m in of_kind(rendered(n), "ConfigMap")
        for key in m["data"]
        if key.startswith("AIRFLOW__")
    }
    given |= set(runpy.run_path(str(FOLDER / "make_secrets.py"))["of_airflow"](_Any(), "postgresql://h", "b")) - {
        "DATABASE_URL"
    }
    assert len(given) > 20
    code = (
        "from airflow.configuration import retrieve_configuration_description as read, conf\n"
        "known = read(include_providers=True)\n"
        f"for name in {sorted(given)!r}:\n"
        "    _, section, key = name.lower().split('__')\n"
        "    assert key in known[section]['options'], name\n"
        "from airflow.cli.cli_parser import get_parser\n"
        f"for line in {found!r}: get_parser().parse_args(line)\n"
        "from airflow.models.taskinstance import TaskInstance as T\n"
        "from airflow.utils.state import TaskInstanceState as S\n"
        "assert T.__tablename__ == 'task_instance'\n"
        "assert {'queue', 'state'} <= set(T.__table__.columns.keys())\n"
        f"assert {_states()!r} == {{S.SCHEDULED.value, S.QUEUED.value, S.RUNNING.value}}\n"
        "print(conf.get('scheduler', 'scheduler_health_check_server_port'))\n"
    )
    port = int(airflow(code, tmp_path).split()[-1])
    scheduler = pod(rendered("minimal"), "airflow-scheduler").spec["containers"][0]
    assert scheduler["ports"] == [{"name": "health", "containerPort": port}]


class _Any(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return key


def _probes(program: str) -> list[list[str]]:
    found = [
        c[k]["exec"]["command"]
        for n in RENDERED
        for p in pods(rendered(n))
        for c in p.containers
        for k in c
        if k.endswith("Probe") and "exec" in c[k]
    ]
    return [line for line in found if line[0] == program]


@every
def test_nginx_understands_its_words(name: str) -> None:
    for each in (each for each in pods(rendered(name)) if each.name in NGINX):
        container = each.spec["containers"][0]
        wanted = nginx()(words(rendered(name), container))
        assert int(wanted.workers) <= int(container["resources"]["limits"]["cpu"]), "a process to a processor"
        assert wanted.role == each.name.partition("-")[0]
        home = [m["mountPath"] for m in container["volumeMounts"]]
        assert str(wanted.home) in home
        assert str(wanted.tls) in home
        if wanted.role == "gateway":
            assert dict(wanted.role_at) == {role: f"api-{role}:8000" for role in Role if role != REST}
            assert wanted.api.upstream == f"api-{REST}:8000"
            assert (wanted.airflow is None) == (name in ("multi-region/us", "multi-region/ap"))
        if wanted.role == "edge":
            assert wanted.api == "api-playback:8000"
            assert wanted.origins[0] == "shield:8095"
        if wanted.role in ("edge", "shield"):
            claim = each.maker["spec"]["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"]
            assert wanted.cache_mb <= 0.85 * 1024 * int(claim.removesuffix("Gi")), "the cache outgrows its volume"


@every
def test_each_role_of_the_api_is_served_once(name: str) -> None:
    given = [
        environment(rendered(name), each.spec["containers"][0]).get("MARQUEE_SERVE")
        for each in pods(rendered(name))
        if each.name.startswith("api-")
    ]
    assert sorted(filter(None, given)) == sorted(Role)
    assert set(PATHS) | {REST} == set(Role)


def test_uvicorn_finds_the_api_and_its_probes() -> None:
    from uvicorn.main import main

    from api.main import app

    container = pod(rendered("minimal"), "api-playback").spec["containers"][0]
    context = main.make_context("uvicorn", words(rendered("minimal"), container)[1:])
    assert context.params["app"] == "api.main:app"
    assert container["ports"][0]["containerPort"] == context.params["port"]
    paths = {kind: container[f"{kind}Probe"]["exec"]["command"][-1] for kind in ("startup", "liveness", "readiness")}
    for url in paths.values():
        host, _, path = url.removeprefix("https://").partition("/")
        assert host == f"localhost:{context.params['port']}"
        assert f"/{path}" in app.openapi()["paths"]
    drain_s = float(environment(rendered("minimal"), container)["MARQUEE_DRAIN_S"] or 0)
    ends = pod(rendered("minimal"), "api-playback").spec["terminationGracePeriodSeconds"]
    assert drain_s + context.params["timeout_graceful_shutdown"] + 10 <= ends


def test_mlflow_gets_the_words_that_compose_gives_it(services: dict[str, Json]) -> None:
    """Which are held against MLflow itself in tests/deploy/test_commands.py."""
    container = pod(rendered("minimal"), "mlflow").spec["containers"][0]
    given = {key for key in environment(rendered("minimal"), container) if key.startswith("MLFLOW_")}
    assert words(rendered("minimal"), container) == services["mlflow"]["command"]
    assert given == {key for key in services["mlflow"]["environment"] if key.startswith("MLFLOW_")}
    asked = container["readinessProbe"]["httpGet"]["httpHeaders"][0]["value"]
    allowed = environment(rendered("minimal"), container)["MLFLOW_SERVER_ALLOWED_HOSTS"] or ""
    assert asked in allowed.split(",")


def test_other_commands_are_known() -> None:
    from marquee.cli import cli

    known = {c.name or c.callback.__name__ for c in cli.registered_commands if c.callback}
    assert {line[1] for line in lines("marquee").values()} <= known
    assert (["python", "-m", "spark_jobs", "live"]) in lines("python").values()


def test_routes_lead_each_path_where_the_gateway_leads_it() -> None:
    """The routes of the Gateway API give a path the role that marquee/gateway/roles.py gives it, over all paths."""
    from api.roles import ROUTERS

    routes = {
        r["metadata"]["name"]: r["spec"]["rules"] for r in of_kind(rendered("single-region + gateway-api"), "HTTPRoute")
    }
    assert set(routes) == {*Role, "airflow"}
    found = 0
    for routers in ROUTERS.values():
        for path in (route.path for router in routers for route in router.routes):
            example = re.sub(r"\{[^}]+\}", "17", path)
            assert _by_patterns(example) == _by_routes(routes, example), path
            found += 1
    assert found > 80


def _by_patterns(path: str) -> str:
    return next((role for role, pattern in PATHS.items() if re.search(pattern, path)), REST)


def _by_routes(routes: Json, path: str) -> str:
    """As implementations do: a regular expression that fits, before the longest prefix of whole segments."""
    fitting = []
    for role in Role:
        for match in (m["path"] for rule in routes[role] for m in rule["matches"]):
            value = match["value"].rstrip("/")
            if match["type"] == "RegularExpression" and re.fullmatch(match["value"], path):
                fitting.append((1, len(value), role.value))
            if match["type"] == "PathPrefix" and (path == value or path.startswith(f"{value}/")):
                fitting.append((0, len(value), role.value))
    return max(fitting)[2]


def test_certificates_are_those_that_the_servers_look_for() -> None:
    certificates = {
        m["metadata"]["name"]: m["spec"] for m in of_kind(rendered("single-region + cert-manager"), "Certificate")
    }
    uses = {Use.CLIENT: {"client auth"}, Use.SERVER: {"server auth"}, Use.BOTH: {"client auth", "server auth"}}
    for role, use in INSIDE.items():
        spec = certificates[f"{role}-inside"]
        assert spec["secretName"] == f"tls-{role}-inside"
        assert set(spec["usages"]) == uses[use] | {"digital signature"}
        assert {f"{role}.{DOMAIN}", "localhost"} <= set(spec["dnsNames"])
        assert (f"media.{DOMAIN}" in spec["dnsNames"]) == (role in MEDIA)
    public = {name for role in ("gateway", "edge") for name in certificates[f"{role}-public"]["dnsNames"]}
    listeners = of_kind(rendered("single-region + gateway-api"), "Gateway")[0]["spec"]["listeners"]
    assert {listener["hostname"] for listener in listeners} == public
    settings = named(rendered("single-region"), "ConfigMap", "settings")["data"]
    assert all(f"//{name}" in str(settings) for name in public)


def _states() -> set[str]:
    """Of the tasks that the scaler counts."""
    (scaler,) = of_kind(rendered("single-region"), "ScaledObject")
    query = scaler["spec"]["triggers"][0]["metadata"]["query"]
    assert query.startswith("SELECT count(*) FROM task_instance WHERE queue = 'transcode' AND state IN (")
    return set(re.findall(r"'(\w+)'", query.partition("state IN")[2]))


def test_the_jars_for_object_storage_are_of_sparks_own_version() -> None:
    import pyspark

    container = pod(rendered("multi-region/eu"), "airflow-worker-default").spec["containers"][0]
    arguments = environment(rendered("multi-region/eu"), container)["PYSPARK_SUBMIT_ARGS"] or ""
    version = re.search(r"hadoop-aws:([\d.]+) ", arguments)
    assert version
    assert [*_folder(pyspark).glob(f"jars/hadoop-client-api-{version[1]}.jar")]
    assert [*_folder(pyspark).glob("jars/spark-kubernetes_*.jar")]


def _folder(package: Any) -> Any:
    from pathlib import Path

    return Path(package.__file__).parent


def test_the_overlays_of_the_documentation_exist() -> None:
    text = (ROOT / "docs/kubernetes.md").read_text()
    named_there = set(re.findall(r"(?:overlays|components)/[a-z/-]+[a-z]", text))
    assert named_there
    assert not [path for path in named_there if not (FOLDER / path).is_dir()]
    components = {path.parent.name for path in (FOLDER / "components").glob("*/kustomization.yaml")}
    assert not [each for each in components if f"`{each}`" not in text], "explained nowhere"
    assert yaml.safe_load((FOLDER / "overlays/minimal/kustomization.yaml").read_text())["kind"] == "Kustomization"
