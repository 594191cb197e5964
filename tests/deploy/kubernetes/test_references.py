"""What a manifest names is there, under that name, with that port or key."""

from collections.abc import Iterator

import pytest

from tests.manifests import (
    RENDERED,
    Json,
    Pod,
    environment,
    matches,
    named,
    of_kind,
    pods,
    rendered,
    words,
)  # fmt: skip

every = pytest.mark.parametrize("name", RENDERED)
WORKLOADS = ("Deployment", "StatefulSet")


def names(name: str, *kinds: str) -> set[str]:
    return {each["metadata"]["name"] for each in of_kind(rendered(name), *kinds)}


def ports(pod: Pod) -> dict[str, int]:
    """The container's ports by name."""
    found = [port for container in pod.spec["containers"] for port in container.get("ports", [])]
    return {port["name"]: port["containerPort"] for port in found}


def references(node: object, key: str) -> Iterator[Json]:
    """Everything that stands under this key, however deep."""
    if isinstance(node, list):
        for each in node:
            yield from references(each, key)
    elif isinstance(node, dict):
        if isinstance(found := node.get(key), dict):
            yield found
        for each in node.values():
            yield from references(each, key)


@every
def test_selectors_find_the_pods_of_their_own_alone(name: str) -> None:
    for pod in (pod for pod in pods(rendered(name)) if pod.runs_on):
        selector = pod.maker["spec"]["selector"]
        assert [each.name for each in pods(rendered(name)) if matches(selector, each.labels)] == [pod.name]


@every
def test_services_lead_to_ports_that_are_open(name: str) -> None:
    for service in of_kind(rendered(name), "Service"):
        (pod,) = [p for p in pods(rendered(name)) if matches({"matchLabels": service["spec"]["selector"]}, p.labels)]
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= set(ports(pod)), service["metadata"]["name"]
    for pod in (pod for pod in pods(rendered(name)) if pod.maker["kind"] == "StatefulSet"):
        assert pod.maker["spec"]["serviceName"] in names(name, "Service"), pod.name


@every
def test_ports_that_are_open_are_those_of_the_command(name: str) -> None:
    for pod in pods(rendered(name)):
        line = " ".join(words(rendered(name), pod.spec["containers"][0]))
        for port in ports(pod).values():
            known = str(port) in line or pod.name in ("airflow-scheduler", "postgres", "broker")  # see test_commands
            assert known, (pod.name, port)


@every
def test_scalers_find_what_they_scale(name: str) -> None:
    scalers = of_kind(rendered(name), "HorizontalPodAutoscaler", "ScaledObject")
    for scaler in scalers:
        target = named(rendered(name), "Deployment", scaler["spec"]["scaleTargetRef"]["name"])
        assert "replicas" not in target["spec"], "an apply would undo what was scaled"
        spec = scaler["spec"]
        least, most = (spec.get(f"{end}Replicas", spec.get(f"{end}ReplicaCount")) for end in ("min", "max"))
        assert 1 <= least < most
    assert bool(scalers) == ("minimal" not in name)


@every
def test_budgets_and_policies_find_pods(name: str) -> None:
    labels = [pod.labels for pod in pods(rendered(name))]
    for budget in of_kind(rendered(name), "PodDisruptionBudget"):
        assert any(matches(budget["spec"]["selector"], each) for each in labels), budget["metadata"]["name"]
    for policy in of_kind(rendered(name), "NetworkPolicy"):
        selectors = [policy["spec"]["podSelector"], *references(policy, "podSelector")]
        for selector in selectors:
            assert any(matches(selector, each) for each in labels), (policy["metadata"]["name"], selector)


@every
def test_configuration_accounts_and_priorities_exist(name: str) -> None:
    manifests = rendered(name)
    for pod in pods(manifests):
        assert pod.spec["serviceAccountName"] in names(name, "ServiceAccount"), pod.name
        assert pod.spec["priorityClassName"] in names(name, "PriorityClass"), pod.name
        for reference in (*references(pod.spec, "configMapRef"), *references(pod.spec, "configMap")):
            assert reference["name"] in names(name, "ConfigMap"), pod.name
        for reference in references(pod.spec, "configMapKeyRef"):
            assert reference["key"] in named(manifests, "ConfigMap", reference["name"])["data"], pod.name
        for claim in references(pod.spec, "persistentVolumeClaim"):
            assert claim["claimName"] in names(name, "PersistentVolumeClaim"), pod.name
        for container in pod.containers:
            words(manifests, container)  # raises for a variable that is not known


@every
def test_volumes_are_there_and_used(name: str) -> None:
    for pod in pods(rendered(name)):
        claims = [claim["metadata"]["name"] for claim in pod.maker.get("spec", {}).get("volumeClaimTemplates", [])]
        there = [*claims, *(volume["name"] for volume in pod.spec["volumes"])]
        used = {mount["name"] for container in pod.containers for mount in container["volumeMounts"]}
        assert len(there) == len(set(there)), pod.name
        assert used == set(there), pod.name
        for container in pod.containers:
            paths = [mount["mountPath"] for mount in container["volumeMounts"]]
            assert len(paths) == len(set(paths)), pod.name
            assert "/tmp" in paths or pod.name == "broker", pod.name  # noqa: S108  where a locked root has no other


@every
def test_home_is_writable_and_shared_folders_keep_their_names(name: str) -> None:
    """The same folder of the claim stands for the same thing in every pod."""
    places: dict[str, set[str]] = {}
    for pod in pods(rendered(name)):
        for container in pod.containers:
            home = environment(rendered(name), container).get("MARQUEE_HOME")
            assert not home or home in {mount["mountPath"] for mount in container["volumeMounts"]}, pod.name
            for mount in (mount for mount in container["volumeMounts"] if mount["name"] == "shared"):
                places.setdefault(mount["subPath"], set()).add(mount["mountPath"])
    assert all(len(paths) == 1 for folder, paths in places.items() if folder != "edge-log"), places
    assert places["edge-log"] <= {"/var/lib/marquee/edge-log", "/var/lib/marquee-edge/log"}


@every
def test_what_is_made_first_needs_nothing_that_comes_later(name: str) -> None:
    """`kubectl apply --selector marquee/stage=prepare` is enough for the migration."""
    first = [m for m in rendered(name) if m["metadata"].get("labels", {}).get("marquee/stage") == "prepare"]
    kinds = {m["kind"] for m in first}
    assert {"Namespace", "ConfigMap", "PriorityClass", "ServiceAccount", "PersistentVolumeClaim"} <= kinds
    for pod in pods(tuple(m for m in first if m["kind"] != "ConfigMap")):
        for reference in (*references(pod.spec, "configMapRef"), *references(pod.spec, "configMap")):
            assert reference["name"] in {m["metadata"]["name"] for m in first}, pod.name
        claims = {claim["claimName"] for claim in references(pod.spec, "persistentVolumeClaim")}
        assert claims <= {m["metadata"]["name"] for m in first}, pod.name
    assert ("Job" in kinds) == (name not in ("multi-region/us", "multi-region/ap"))
