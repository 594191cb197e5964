"""Every command of the compose file is one that the program it names understands, and every option exists."""

import os
import re
import subprocess
import sys
import zipfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Services = dict[str, dict[str, Any]]
BIN = Path(sys.executable).parent
OURS = "marquee:local"
PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
EXECUTOR = "marquee_airflow.celery_executor.CeleryExecutor"


def airflow(code: str, tmp_path: Path) -> str:
    """Run a few lines with Airflow imported, in a home of its own; returns what they print."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW")}
    env |= {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://127.0.0.1:1/no",
    }
    env |= {"AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"}
    env |= {"AIRFLOW__CORE__EXECUTOR": EXECUTOR, "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    env |= {"AIRFLOW__CORE__PLUGINS_FOLDER": str(PLUGINS)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def commands(services: Services, program: str) -> dict[str, list[str]]:
    found = {name: s["command"] for name, s in services.items() if s["image"] == OURS and s["command"][0] == program}
    assert found
    return found


def test_programs_are_in_the_environment(services: Services) -> None:
    programs = {s["command"][0] for s in services.values() if s["image"] == OURS}
    assert programs == {"airflow", "marquee", "mlflow", "python", "sh", "spark-class", "uvicorn"}
    assert not [p for p in programs - {"sh"} if not (BIN / p).exists()]


def test_airflow_understands_its_commands(services: Services, root: Path, tmp_path: Path) -> None:
    lines = [c[1:] for c in commands(services, "airflow").values()]
    assert services["airflow-scheduler"]["environment"]["AIRFLOW__CORE__EXECUTOR"] == EXECUTOR
    checks = [s["healthcheck"]["test"][1] for s in services.values() if "airflow jobs" in str(s.get("healthcheck"))]
    script = (root / "deploy/docker/airflow-init.sh").read_text().replace("\\\n", " ")
    own = re.findall(r"^airflow (.*)$", script, re.MULTILINE)
    assert len(checks) == 2
    assert len(own) == 5
    shell = "".join(f"check {line.removeprefix('airflow ')}\n" for line in [*checks, *own])
    split = subprocess.run(
        ["bash", "-euc", f"check() {{ printf '%s\\0' \"$@\"; printf '\\n'; }}\n{shell}"],
        env={
            "TRANSCODE_WORKERS": "2",
            "MARQUEE_TRANSCODE_SLOTS": "3",
            "MARQUEE_AIRFLOW_PASSWORD": "-p",
            "HOSTNAME": "h",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    lines += [line.rstrip("\0").split("\0") for line in split.stdout.splitlines()]
    assert ["pools", "set", "transcode", "6"] in [line[:4] for line in lines]
    airflow(
        f"from airflow.cli.cli_parser import get_parser\nfor line in {lines!r}: get_parser().parse_args(line)\n",
        tmp_path,
    )


def test_airflow_knows_its_settings(services: Services, tmp_path: Path) -> None:
    names = [n for n in services["airflow-scheduler"]["environment"] if n.startswith("AIRFLOW__")]
    assert len(names) > 10
    code = (
        "from airflow.configuration import retrieve_configuration_description as read\n"
        "known = read(include_providers=True)\n"
        f"for name in {names!r}:\n"
        "    _, section, key = name.lower().split('__')\n"
        "    assert key in known[section]['options'], name\n"
    )
    airflow(code, tmp_path)


def test_the_health_port_of_the_scheduler_is_its_own(services: Services, tmp_path: Path) -> None:
    code = "from airflow.configuration import conf; print(conf.get('scheduler', 'scheduler_health_check_server_port'))"
    port = airflow(code, tmp_path).split()[-1]
    assert f"http://127.0.0.1:{port}/health" in services["airflow-scheduler"]["healthcheck"]["test"]


def test_celery_finds_the_application_it_asks(services: Services) -> None:
    for name in ("worker-default", "worker-transcode"):
        check = services[name]["healthcheck"]["test"][1]
        module = re.search(r"--app ([a-z_.]+)\.app inspect ping", check)
        assert module
        assert find_spec(module[1]) is not None, name


def test_mlflow_understands_its_command_and_settings(services: Services) -> None:
    server: Any = import_module("mlflow.cli").server
    argv = commands(services, "mlflow")["mlflow"]
    server.make_context("server", argv[2:])
    known = {name for option in server.params for name in [option.envvar] if name}
    known |= set(vars(import_module("mlflow.environment_variables")))
    given = {n for s in ("mlflow", "worker-default") for n in services[s]["environment"] if n.startswith("MLFLOW_")}
    assert len(given) >= 5
    assert given <= known


def test_uvicorn_finds_the_api(services: Services) -> None:
    argv = commands(services, "uvicorn")["api"]
    context = import_module("uvicorn.main").main.make_context("uvicorn", argv[1:])
    module, _, name = context.params["app"].partition(":")
    app = getattr(import_module(module), name)
    health = services["api"]["healthcheck"]["test"][-1]
    assert health == f"https://localhost:{context.params['port']}/readyz"
    assert "/readyz" in app.openapi()["paths"]


def test_spark_has_the_classes(services: Services) -> None:
    spec = find_spec("pyspark")
    assert spec is not None
    assert spec.origin
    (jar,) = Path(spec.origin).parent.glob("jars/spark-core_*.jar")
    with zipfile.ZipFile(jar) as archive:
        for argv in commands(services, "spark-class").values():
            assert f"{argv[1].replace('.', '/')}.class" in archive.namelist()


def opened(service: dict[str, Any]) -> list[str]:
    """The ports that a service is told to open, in its command or by a variable."""
    by_variable = [str(v) for k, v in service.get("environment", {}).items() if k.endswith("HTTP_PORT")]
    return re.findall(r"\d{4,5}", " ".join([*service.get("command", []), *by_variable]))


def test_health_checks_ask_ports_that_the_service_opens(services: Services) -> None:
    for name, service in services.items():
        test = " ".join(service.get("healthcheck", {}).get("test", []))
        for port in re.findall(r"https?://(?:127\.0\.0\.1|localhost):(\d+)", test):
            assert port in opened(service) or name == "airflow-scheduler", name


def test_published_ports_are_those_that_the_service_opens(services: Services) -> None:
    for name, service in services.items():
        for port in service.get("ports", []):
            assert port.rpartition(":")[2] in opened(service), name


def test_every_queue_has_a_consumer(services: Services, root: Path, tmp_path: Path) -> None:
    """Whatever takes a slot of the pool `transcode` runs on the workers for it; nothing else does."""
    code = (
        f"import json, sys; sys.path[:0] = [{str(root)!r}, {str(root / 'plugins')!r}]\n"
        "from marquee_airflow import tasks\n"
        "found = {n: [t.kwargs.get('pool', ''), t.kwargs.get('queue', 'default')]\n"
        "         for n, t in vars(tasks).items() if hasattr(t, 'operator_class')}\n"
        "print(json.dumps(found))\n"
    )
    import json

    tasks: dict[str, list[str]] = json.loads(airflow(code, tmp_path).splitlines()[-1])
    assert len(tasks) > 10
    assert {name for name, (pool, _) in tasks.items() if pool} == {n for n, (_, q) in tasks.items() if q == "transcode"}
    workers = [argv for argv in commands(services, "airflow").values() if argv[1:3] == ["celery", "worker"]]
    consumed = [argv[argv.index("--queues") + 1] for argv in workers]
    assert sorted(consumed) == sorted({queue for _, queue in tasks.values()})
