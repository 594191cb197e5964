"""Pods as services of a compose file, which bench/compose knows how to run."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bench.compose.network import RESOLVER
from bench.kubernetes import probes
from bench.kubernetes.overlay import Overlay

Json = dict[str, Any]
PODS = "10.244.0.0/24"  # within the network that settings.env trusts
STORES = ("postgres", "broker", "objects")
# As the rehearsal of compose calls them; edge-b listens where its port-forward would.
RENAMED = {"airflow-api-server": "airflow-apiserver", "airflow-worker-default": "worker-default"}
MOVED = {"edge-b": {8091: 8092}}
ELSEWHERE = {
    "kube-dns.kube-system.svc.cluster.local": RESOLVER,
    "objects.marquee.svc.cluster.local": "objects",
    "https://edge-b:8091": "https://edge-b:8092",
    **RENAMED,
}
NEEDS = {
    **dict.fromkeys(STORES, ()),
    "buckets": ("objects",),
    "migrate": (*STORES, "buckets"),
    "origin": ("objects",),
    "shield": ("origin",),
    "edge-a": ("shield", "api-playback"),
    "edge-b": ("shield", "api-playback"),
    "gateway": ("api-catalogue", "api-members", "api-playback", "api-events", "airflow-apiserver"),
    "worker-default": ("migrate", "edge-a", "edge-b", "mlflow"),
}
PUBLIC = {"gateway": "public", "edge-a": "outside", "edge-b": "outside"}
WAITING = "wait-for-migration"


def compose(overlay: Overlay) -> Json:
    """The content of a compose file: services, networks, configs."""
    services = {}
    for maker in overlay.of_kind("StatefulSet", "Deployment", "Job"):
        spec, name = maker["spec"]["template"]["spec"], maker["metadata"]["name"]
        name = RENAMED.get(name, name)
        claims = {claim["metadata"]["name"] for claim in maker["spec"].get("volumeClaimTemplates", [])}
        services[name] = _service(overlay, name, spec, spec["containers"][0], claims)
        for first in spec.get("initContainers", []):  # the same for all that have one: it is run once
            services[WAITING] = _service(overlay, WAITING, spec, first, claims)
    files = {file["source"]: file for service in services.values() for file in service["configs"]}
    return {
        "services": services,
        "networks": {"inside": {"ipam": {"config": [{"subnet": PODS}]}}, "outside": {}, "public": {}},
        "configs": {source: {"content": file["content"]} for source, file in files.items()},
    }


def _service(overlay: Overlay, name: str, spec: Json, container: Json, claims: set[str]) -> Json:
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    asked = probes.commands(container, MOVED.get(name, {}))
    ready = {"healthcheck": probes.health_check(container, asked["readiness"])} if asked else {}
    return {
        "image": container["image"],
        "volumes": [text for m in container["volumeMounts"] for text in _volume(name, m, volumes, claims)],
        "configs": [file for m in container["volumeMounts"] for file in _files(overlay, name, m, volumes)],
        "networks": ["inside", *([PUBLIC[name]] if name in PUBLIC else [])],
        "depends_on": {each: {} for each in NEEDS.get(name, ("migrate",))},
        "stop_grace_period": f"{spec['terminationGracePeriodSeconds']}s",
        "stop_signal": "SIGQUIT" if container["image"].startswith("marquee-edge:") else "SIGTERM",
        "user": spec["securityContext"]["runAsUser"],
        "probes": asked,
        **_process(overlay, name, container),
        **_locks(container),
        **ready,
    }


def _process(overlay: Overlay, name: str, container: Json) -> Json:
    environment = {key: _here(value) for key, value in overlay.environment(container).items()}
    line = [_here(word) for word in (*container.get("command", []), *container.get("args", []))]
    for port, other in MOVED.get(name, {}).items():
        line = [word.replace(f"--listen={port}", f"--listen={other}") for word in line]
    return {"command": [_filled(word, environment) for word in line], "environment": environment}


def _locks(container: Json) -> Json:
    context, most = container["securityContext"], container["resources"]["limits"]
    return {
        "read_only": context["readOnlyRootFilesystem"],
        "cap_drop": context["capabilities"]["drop"],
        "security_opt": ["no-new-privileges:true"] * (not context["allowPrivilegeEscalation"]),
        "deploy": {"resources": {"limits": {"cpus": _cores(most["cpu"]), "memory": _memory(most["memory"])}}},
    }


def _volume(service: str, mount: Json, volumes: Mapping[str, Json], claims: set[str]) -> Iterator[str]:
    """A folder that others have too, one that outlives the pod, or one of its own."""
    name, path = mount["name"], mount["mountPath"]
    if name in claims:
        yield f"{name}-{service}:{path}"
    elif "persistentVolumeClaim" in volumes[name]:
        yield f"{name}-{mount['subPath']}:{path}"
    elif "emptyDir" in volumes[name] and not path.startswith("/dev/"):  # of which every container has its own
        yield path


def _files(overlay: Overlay, service: str, mount: Json, volumes: Mapping[str, Json]) -> Iterator[Json]:
    """Kubernetes gives them to the pod's group alone."""
    for path, content in overlay.files(mount, volumes.get(mount["name"], {})):
        source = f"{service}{path.replace('/', '-')}"
        yield {"source": source, "target": path, "mode": 0o444, "content": content}


def _here(text: str) -> str:
    for name, other in ELSEWHERE.items():
        text = text.replace(name, other)
    return text


def _filled(word: str, environment: Mapping[str, str]) -> str:
    return re.sub(r"\$\((\w+)\)", lambda name: environment[name[1]], word)


def _cores(quantity: str) -> str:
    return str(int(quantity.removesuffix("m")) / 1000) if quantity.endswith("m") else quantity


def _memory(quantity: str) -> str:
    """`6Gi` as Docker writes it."""
    return quantity.lower().removesuffix("i")
