"""What no pod may lack, and what none may have: held against every pod of every overlay."""

import re
from itertools import chain

import pytest

from tests.manifests import RENDERED, Json, Pod, environment, named, of_kind, pods, rendered

every = pytest.mark.parametrize("name", RENDERED)
TALK_TO_KUBERNETES = {"airflow-scheduler": "kubernetes-executor", "airflow-worker-default": "spark-executors"}
QUANTITY = {"m": 1e-3, "": 1, "Mi": 2**20, "Gi": 2**30}


def amount(text: str) -> float:
    """A quantity in cores or bytes."""
    found = re.fullmatch(r"(\d+)(m|Mi|Gi|)", str(text))
    assert found, text
    return int(found[1]) * QUANTITY[found[2]]


def containers(name: str) -> list[tuple[Pod, Json]]:
    return [(pod, container) for pod in pods(rendered(name)) for container in pod.containers]


@every
def test_pods_run_locked(name: str) -> None:
    for pod in pods(rendered(name)):
        context = pod.spec["securityContext"]
        assert context["runAsNonRoot"] is True, pod.name
        assert min(context["runAsUser"], context["runAsGroup"]) >= 999, pod.name
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, pod.name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod.spec), pod.name
        assert all("hostPath" not in volume for volume in pod.spec["volumes"]), pod.name
    for pod, container in containers(name):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        }, (pod.name, container["name"])  # fmt: skip


@every
def test_pods_have_no_way_to_kubernetes_but_those_that_make_pods(name: str) -> None:
    for pod in pods(rendered(name)):
        allowed = TALK_TO_KUBERNETES.get(pod.name, "no component") in name or (
            name == "multi-region/eu" and pod.name == "airflow-worker-default"
        )
        assert pod.spec["automountServiceAccountToken"] is allowed, pod.name
        assert (pod.spec["serviceAccountName"] == "marquee") is not allowed, pod.name


@every
def test_no_service_puts_variables_of_its_name_into_pods(name: str) -> None:
    """A Service's variables (API_PORT=tcp://…) look like settings: none has to be asked for."""
    assert all(pod.spec["enableServiceLinks"] is False for pod in pods(rendered(name)))


@every
def test_resources_are_asked_for_and_limited(name: str) -> None:
    for pod, container in containers(name):
        if pod.name == "spark-executor":
            continue  # Spark says what its executors take
        asked, most = container["resources"]["requests"], container["resources"]["limits"]
        assert set(asked) == set(most) == {"cpu", "memory"}, pod.name
        assert all(0 < amount(asked[kind]) <= amount(most[kind]) for kind in asked), pod.name
    for volume in chain.from_iterable(pod.spec["volumes"] for pod in pods(rendered(name))):
        assert "emptyDir" not in volume or amount(volume["emptyDir"]["sizeLimit"]) > 0, volume


@every
def test_servers_are_probed(name: str) -> None:
    for pod in (pod for pod in pods(rendered(name)) if pod.runs_on):
        for container in pod.spec["containers"]:
            probes = [container[f"{kind}Probe"] for kind in ("startup", "readiness", "liveness")]
            for probe in probes:
                assert len({"exec", "httpGet"} & set(probe)) == 1, pod.name
            startup, _, liveness = probes
            assert startup["periodSeconds"] * startup["failureThreshold"] >= 60, pod.name
            assert liveness["periodSeconds"] * liveness.get("failureThreshold", 3) >= 30, f"{pod.name}: a hasty end"


@every
def test_images_are_pinned(name: str) -> None:
    for pod, container in containers(name):
        if pod.maker["kind"] == "Pod":
            continue  # Airflow and Spark put the image in
        image, _, tag = container["image"].rpartition(":")
        assert image, pod.name
        assert re.fullmatch(r"\d+\.\d+(\.\d+)?", tag), container["image"]


@every
def test_the_more_important_stays(name: str) -> None:
    values = {each["metadata"]["name"]: each["value"] for each in of_kind(rendered(name), "PriorityClass")}
    assert values["marquee-viewers"] > values["marquee-operations"] > values["marquee-encodes"] > 0
    for pod in pods(rendered(name)):
        part = pod.labels["app.kubernetes.io/component"]
        expected = {
            "airflow": "operations",
            "mlflow": "operations",
            "live": "operations",
            "shipping": "operations",
            "spark": "encodes",
        }
        wanted = "encodes" if "transcode" in pod.name else expected.get(part, "viewers")
        assert pod.spec["priorityClassName"] == f"marquee-{wanted}", pod.name


@every
def test_no_secret_stands_in_a_manifest(name: str) -> None:
    assert of_kind(rendered(name), "Secret") == []
    for source in of_kind(rendered(name), "ConfigMap"):
        for key, value in source["data"].items():
            assert not re.search(r"password=[^\"$\s]|://[^/\s\"]*:[^/\s\"@]+@|BEGIN [A-Z ]*PRIVATE", value), key
    for pod, container in containers(name):
        for variable in container.get("env", []):
            secret = re.search(r"PASSWORD|SECRET|_KEY$|SQL_ALCHEMY|BROKER|STORE_URI", variable["name"])
            assert not secret or "secretKeyRef" in variable["valueFrom"], (pod.name, variable["name"])


@every
def test_what_may_be_several_survives_a_drained_node(name: str) -> None:
    manifests = rendered(name)
    scaled = {
        m["spec"]["scaleTargetRef"]["name"] for m in of_kind(manifests, "HorizontalPodAutoscaler", "ScaledObject")
    }
    for pod in (pod for pod in pods(manifests) if pod.runs_on):
        if pod.maker["spec"].get("replicas", 1) > 1 or pod.name in scaled:
            budgets = [b for b in of_kind(manifests, "PodDisruptionBudget") if _covers(b, pod)]
            assert len(budgets) == 1, pod.name
            assert budgets[0]["spec"]["maxUnavailable"] == 1, pod.name


def _covers(budget: Json, pod: Pod) -> bool:
    return bool(budget["spec"]["selector"]["matchLabels"].items() <= pod.labels.items())


@every
def test_viewers_are_served_through_a_rollout(name: str) -> None:
    """No pod goes before another is ready, none with requests under way, none before the endpoints say so."""
    for pod in (pod for pod in pods(rendered(name)) if pod.maker["kind"] == "Deployment"):
        if pod.labels["app.kubernetes.io/component"] not in ("api", "gateway", "origin"):
            continue
        assert pod.maker["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}, pod.name
        container = pod.spec["containers"][0]
        waits = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        drains = float(environment(rendered(name), container).get("MARQUEE_DRAIN_S") or 0)
        assert waits or drains, pod.name
        assert waits + drains + 30 <= pod.spec["terminationGracePeriodSeconds"], pod.name


def test_the_namespace_refuses_what_is_not_locked() -> None:
    labels = named(rendered("minimal"), "Namespace", "marquee")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_images_of_others_are_those_of_compose(services: dict[str, Json]) -> None:
    found = {container["image"] for _, container in containers("minimal") if "marquee" not in container["image"]}
    assert found == {services[name]["image"] for name in ("postgres", "redis", "objects")}
