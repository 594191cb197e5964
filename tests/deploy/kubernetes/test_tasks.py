"""Tasks as pods: each queue's template, as Airflow's Kubernetes executor makes a pod of it."""

import json
from pathlib import Path

import pytest
import yaml

from tests.deploy.kubernetes.test_schemas import errors
from tests.deploy.test_commands import airflow
from tests.manifests import Json, named, rendered

NAME = "single-region + kubernetes-executor"
CODE = """
import datetime, json, queue, sys
from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator
from airflow.providers.cncf.kubernetes.executors.kubernetes_executor_utils import get_base_pod_from_template
from marquee_airflow.kubernetes_executor import KubernetesExecutor

executor = KubernetesExecutor()
executor.task_queue, executor.scheduler_job_id = queue.Queue(), "1"
pods = {}
own = {"pod_template_file": TEMPLATE}
for name, config in (("default", None), ("transcode", None), ("none", None), ("own", own)):
    queued = "transcode" if name == "own" else name
    executor.execute_async(("dag", "task", name), ["command"], queue=queued, executor_config=config)
    job = executor.task_queue.get_nowait()
    pod = PodGenerator.construct_pod(
        dag_id="dag", task_id="task", pod_id=f"pod-{name}", try_number=1, kube_image=executor.kube_config.kube_image,
        date=None, args=["python", "-m", "airflow.sdk"], pod_override_object=None,
        base_worker_pod=get_base_pod_from_template(job.pod_template_file, executor.kube_config),
        namespace="marquee", scheduler_job_id="1", run_id="run", map_index=3,
    )
    pods[name] = PodGenerator.serialize_pod(pod)
print(json.dumps(pods))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """By queue, the pod of a task; the queue `none` has no template, the task `own` names one."""
    folder = tmp_path_factory.mktemp("pods")
    for name, text in named(rendered(NAME), "ConfigMap", "pods")["data"].items():
        (folder / name).write_text(text)
    given = {k: v for k, v in named(rendered(NAME), "ConfigMap", "airflow")["data"].items() if "KUBERNETES" in k}
    given["AIRFLOW__KUBERNETES_EXECUTOR__POD_TEMPLATE_FILE"] = str(folder / "default.yaml")
    code = f"import os\nos.environ |= {given!r}\nTEMPLATE = {str(folder / 'default.yaml')!r}\n{CODE}"
    found: dict[str, Json] = json.loads(airflow(code, folder).splitlines()[-1])
    return found


def limits(pod: Json) -> Json:
    found: Json = pod["spec"]["containers"][0]["resources"]["limits"]
    return found


def test_each_queue_has_pods_of_its_own(made: dict[str, Json]) -> None:
    templates = {n: yaml.safe_load(t) for n, t in named(rendered(NAME), "ConfigMap", "pods")["data"].items()}
    assert limits(made["transcode"]) == limits(templates["transcode.yaml"]) != limits(templates["default.yaml"])
    for name in ("default", "none", "own"):
        assert limits(made[name]) == limits(templates["default.yaml"]), name
    assert made["transcode"]["spec"]["priorityClassName"] == "marquee-encodes"


def test_a_tasks_pod_is_valid_and_runs_the_task(made: dict[str, Json]) -> None:
    for pod in made.values():
        assert errors({"apiVersion": "v1", "kind": "Pod", **pod}) == []
        (container,) = pod["spec"]["containers"]
        assert container["image"] == "registry.example.com/marquee:0.1.0"
        assert container["args"][0] == "python"
        assert "command" not in container
        assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_the_executor_is_the_one_of_the_settings(made: dict[str, Json]) -> None:
    assert made
    name = named(rendered(NAME), "ConfigMap", "airflow")["data"]["AIRFLOW__CORE__EXECUTOR"]
    module, _, kind = name.rpartition(".")
    assert (
        f"class {kind}("
        in Path(__file__).parents[3].joinpath("plugins", *module.split(".")).with_suffix(".py").read_text()
    )
