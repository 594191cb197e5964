"""Who may speak to whom, worked out from the policies as Kubernetes does it: exactly those who have to."""

import re
from itertools import product

import pytest

from tests.manifests import RENDERED, Json, Pod, matches, of_kind, pods, rendered, words

every = pytest.mark.parametrize("name", RENDERED)
API = {"api-catalogue", "api-members", "api-playback", "api-events"}
EDGES = {"edge-a", "edge-b"}
AIRFLOW = {
    "airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer", "airflow-worker-default",
    "airflow-worker-transcode", "airflow-task-default", "airflow-task-transcode", "migrate", "buckets",
}  # fmt: skip
DATABASE = API | AIRFLOW | {"mlflow", "live-metrics"}
REACH = {
    "api-playback": {"gateway"} | EDGES,
    **{role: {"gateway"} for role in API - {"api-playback"}},
    **dict.fromkeys(EDGES, API | AIRFLOW),
    "shield": EDGES | AIRFLOW,
    "origin": EDGES | {"shield"},
    "airflow-api-server": AIRFLOW | {"gateway"},
    "mlflow": AIRFLOW,
    "postgres": DATABASE,
    "broker": AIRFLOW,
    "objects": DATABASE | {"origin", "objects"},
    "airflow-worker-default": {"spark-executor"},
    "spark-executor": {"airflow-worker-default", "spark-executor"},
}
ADDRESS = re.compile(r"(?<![\w.-])([a-z][a-z-]*)(?:\.marquee\.svc\.cluster\.local)?:(\d{4,5})(?!\d)")


def policies(name: str, pod: Pod, direction: str) -> list[Json]:
    found = [
        m["spec"] for m in of_kind(rendered(name), "NetworkPolicy") if matches(m["spec"]["podSelector"], pod.labels)
    ]
    return [spec for spec in found if direction in spec["policyTypes"]]


def port_of(pod: Pod, port: int | str) -> int:
    named = {p["name"]: p["containerPort"] for c in pod.spec["containers"] for p in c.get("ports", [])}
    return port if isinstance(port, int) else named.get(port, 0)


def opened(name: str, source: Pod, target: Pod) -> set[int]:
    """The target's ports to which the policies of both let the source."""

    def ports(pod: Pod, other: Pod, direction: str, end: str) -> set[int]:
        rules = [rule for spec in policies(name, pod, direction) for rule in spec.get(direction.lower(), [])]
        found = [rule for rule in rules if end not in rule or any(_is_peer(peer, other) for peer in rule[end])]
        listed = [port.get("port") for rule in found for port in rule.get("ports", [{"port": 0}])]
        return {port_of(target, port) for port in listed}

    out, into = ports(source, target, "Egress", "to"), ports(target, source, "Ingress", "from")
    everything = {0} & out & into
    return (out & into) - {0} if not everything else {0}


def _is_peer(peer: Json, pod: Pod) -> bool:
    return "podSelector" in peer and "namespaceSelector" not in peer and matches(peer["podSelector"], pod.labels)


@every
def test_nothing_is_open_by_default(name: str) -> None:
    for pod in pods(rendered(name)):
        assert policies(name, pod, "Ingress"), pod.name
        assert policies(name, pod, "Egress"), pod.name


@every
def test_exactly_those_meet_who_have_to(name: str) -> None:
    every_pod = pods(rendered(name))
    there = {pod.name for pod in every_pod}
    reach: dict[str, set[str]] = {}
    for source, target in product(every_pod, every_pod):
        if opened(name, source, target):
            reach.setdefault(target.name, set()).add(source.name)
    # Whoever may be reached by all, as gateway and edges, is reached by those whom their own policies let out.
    expected = {target: sources & there for target, sources in REACH.items() if target in there}
    assert reach == {target: sources for target, sources in expected.items() if sources}


@every
def test_addresses_in_commands_are_open_ports_of_services(name: str) -> None:
    manifests = rendered(name)
    services = {s["metadata"]["name"]: s["spec"] for s in of_kind(manifests, "Service")}
    seen = set()
    for source in (pod for pod in pods(manifests) if pod.runs_on):
        for host, port in ADDRESS.findall(" ".join(words(manifests, source.spec["containers"][0]))):
            if host in ("localhost", source.name):
                continue
            (entry,) = [each for each in services[host]["ports"] if each["port"] == int(port)]
            (target,) = [p for p in pods(manifests) if matches({"matchLabels": services[host]["selector"]}, p.labels)]
            assert port_of(target, entry["targetPort"]) in opened(name, source, target), (source.name, host, port)
            seen.add((source.name, host))
    assert {("gateway", "api-playback"), ("edge-a", "shield"), ("edge-b", "origin"), ("shield", "origin")} <= seen


@every
def test_only_gateway_and_edges_are_open_to_the_world(name: str) -> None:
    world = {
        pod.name
        for pod in pods(rendered(name))
        for spec in policies(name, pod, "Ingress")
        for rule in spec.get("ingress", [])
        if "from" not in rule
    }
    assert world == {"gateway"} | EDGES
    outward = {s["metadata"]["name"] for s in of_kind(rendered(name), "Service") if s["spec"].get("type")}
    assert outward <= {"gateway"} | EDGES | ({"shield"} if "multi-region" in name else set())
