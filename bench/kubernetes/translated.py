"""Pods as services of a compose file, which bench/compose knows how to run."""

import argparse
import re
import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.compose.file import ROOT, made_environment
from bench.compose.network import RESOLVER

Json = dict[str, Any]
FOLDER = ROOT / "deploy" / "kubernetes"
PODS = "10.244.0.0/24"  # of the network that settings.env trusts
MAKERS = ("StatefulSet", "Deployment", "Job")
STORES = ("postgres", "broker", "objects")
# As the rehearsal of compose calls them; edge-b listens where its port-forward would.
RENAMED = {"airflow-api-server": "airflow-apiserver", "airflow-worker-default": "worker-default"}
ELSEWHERE = {
    "kube-dns.kube-system.svc.cluster.local": RESOLVER,
    "objects.marquee.svc.cluster.local": "objects",
    "https://edge-b:8091": "https://edge-b:8092",
    **RENAMED,
}
NEEDS = {"buckets": ("objects",), "migrate": (*STORES, "buckets"), "origin": ("objects",), "shield": ("origin",)}
NEEDS |= {"edge-a": ("shield",), "edge-b": ("shield",), "gateway": ("api-playback", "airflow-apiserver")}
NEEDS |= {"worker-default": ("migrate", "edge-a", "edge-b", "mlflow"), "mlflow": ("migrate",)}


class Overlay:
    """A rendered overlay with the Secrets that make_secrets.py makes for it."""

    def __init__(self, name: str, home: Path) -> None:
        script = runpy.run_path(str(FOLDER / "make_secrets.py"))
        self.manifests: list[Json] = script["rendered"](FOLDER / "overlays" / name)
        self.environment = made_environment()
        addresses = argparse.Namespace(database="postgres:5432", broker="broker:6379", certificates=home / "made")
        self.secrets: dict[str, dict[str, str]] = script["secrets"](self.manifests, self.environment, addresses)
        self.maps = {m["metadata"]["name"]: m["data"] for m in self.manifests if m["kind"] == "ConfigMap"}

    def compose(self) -> Json:
        """A compose file's content: services, networks, configs."""
        makers = [m for kind in MAKERS for m in self.manifests if m["kind"] == kind]
        services = {_named(m["metadata"]["name"]): self._service(m) for m in makers}
        services["wait-for-migration"] = self._waiting(makers)
        configs = {f["source"]: f for s in services.values() for f in s["configs"]}
        return {
            "services": services,
            "networks": {"inside": {"ipam": {"config": [{"subnet": PODS}]}}, "outside": {}, "public": {}},
            "configs": {source: {"content": file["content"]} for source, file in configs.items()},
        }

    def _service(self, maker: Json) -> Json:
        spec, name = maker["spec"]["template"]["spec"], _named(maker["metadata"]["name"])
        made = self._container(name, spec, spec["containers"][0], maker["spec"].get("volumeClaimTemplates", []))
        made["networks"] = ["inside", *{"gateway": ["public"], "edge-a": ["outside"], "edge-b": ["outside"]}.get(name, [])]
        needed = NEEDS.get(name, () if name in STORES else ("migrate",))
        made["depends_on"] = {each: {} for each in needed}
        return made

    def _waiting(self, makers: list[Json]) -> Json:
        """The init container of Airflow's processes, once."""
        (spec,) = [m["spec"]["template"]["spec"] for m in makers if m["metadata"]["name"] == "airflow-scheduler"]
        made = self._container("wait-for-migration", spec, spec["initContainers"][0], [])
        return made | {"networks": ["inside"], "depends_on": {"migrate": {}}}

    def _container(self, name: str, spec: Json, container: Json, claims: list[Json]) -> Json:
        environment = self._environment(container)
        line = [*container.get("command", []), *container.get("args", [])]
        context = container["securityContext"]
        volumes, files = _Volumes(self, name), []
        for mount in container["volumeMounts"]:
            volume = next((v for v in spec["volumes"] if v["name"] == mount["name"]), None)
            volumes.add(mount, volume, claims)
            files += list(self._files(name, mount, volume))
        made: Json = {
            "image": container["image"],
            "command": [_filled(_moved(word, name), environment) for word in line],
            "environment": environment,
            "volumes": volumes.texts,
            "configs": files,
            "read_only": context["readOnlyRootFilesystem"],
            "cap_drop": context["capabilities"]["drop"],
            "security_opt": ["no-new-privileges:true"] * (not context["allowPrivilegeEscalation"]),
            "user": spec["securityContext"]["runAsUser"],
            "deploy": {"resources": {"limits": _limits(container["resources"]["limits"])}},
            "stop_grace_period": f"{spec['terminationGracePeriodSeconds']}s",
            "stop_signal": "SIGQUIT" if container["image"].startswith("marquee-edge:") else "SIGTERM",
            "probes": {k: _probe(container[f"{k}Probe"], container) for k in ("startup", "liveness", "readiness") if f"{k}Probe" in container},
        }  # fmt: skip
        if "readiness" in made["probes"]:
            made["healthcheck"] = _health_check(container, made["probes"]["readiness"])
        return made

    def _environment(self, container: Json) -> dict[str, str]:
        found: dict[str, str] = {}
        for source in container.get("envFrom", []):
            kind, reference = next(iter(source.items()))
            found |= (self.maps if kind == "configMapRef" else self.secrets)[reference["name"]]
        for each in container.get("env", []):
            value = each.get("value") if "value" in each else self._value(each["valueFrom"])
            if value is not None:
                found[each["name"]] = value
        return {name: _moved(value) for name, value in found.items()}

    def _value(self, source: Json) -> str | None:
        kind, key = next(iter(source.items()))
        return (self.maps if kind == "configMapKeyRef" else self.secrets)[key["name"]].get(key["key"])

    def _files(self, name: str, mount: Json, volume: Json | None) -> Iterator[Json]:
        """Each file of a Secret or ConfigMap that is mounted. Kubernetes gives them to the pod's group."""
        for source in [volume, *volume.get("projected", {}).get("sources", [])] if volume else []:
            for data, of in ((self.secrets, source.get("secret")), (self.maps, source.get("configMap"))):
                if of:
                    content = data[of.get("secretName") or of["name"]]
                    for item in of.get("items") or [{"key": key, "path": key} for key in content]:
                        target = f"{mount['mountPath']}/{item['path']}"
                        label = f"{name}-{target.strip('/').replace('/', '-')}"
                        yield {"source": label, "target": target, "mode": 0o444, "content": content[item["key"]]}


class _Volumes:
    """A container's folders: of its own, or of a claim that others have too."""

    def __init__(self, overlay: Overlay, service: str) -> None:
        self.texts: list[str] = []
        self._service = service

    def add(self, mount: Json, volume: Json | None, claims: list[Json]) -> None:
        path = mount["mountPath"]
        if volume and "persistentVolumeClaim" in volume:
            claim = volume["persistentVolumeClaim"]["claimName"]
            self.texts.append(f"{claim}-{mount['subPath']}:{path}")
        elif volume and "emptyDir" in volume:
            if path != "/dev/shm":  # noqa: S108  every container has one
                self.texts.append(path)
        elif any(claim["metadata"]["name"] == mount["name"] for claim in claims):
            self.texts.append(f"{mount['name']}-{self._service}:{path}")


def _named(name: str) -> str:
    return RENAMED.get(name, name)


def _moved(text: str, service: str = "") -> str:
    for name, here in ELSEWHERE.items():
        text = text.replace(name, here)
    return text.replace("--listen=8091", "--listen=8092") if service == "edge-b" else text


def _filled(word: str, environment: Mapping[str, str]) -> str:
    return re.sub(r"\$\((\w+)\)", lambda name: environment[name[1]], word)


def _limits(limits: Mapping[str, str]) -> dict[str, str]:
    """Kubernetes' quantities in Docker's words."""
    cpu = str(limits["cpu"])
    cores = float(cpu.removesuffix("m")) / 1000 if cpu.endswith("m") else float(cpu)
    return {"cpus": str(cores), "memory": limits["memory"].lower().removesuffix("i")}


def _probe(probe: Json, container: Json) -> list[str]:
    """What asks as the probe does, from within: kubelet's own requests come from the node."""
    if "exec" in probe:
        words: list[str] = probe["exec"]["command"]
        return words
    asked = probe["httpGet"]
    port = next(p["containerPort"] for p in container["ports"] if p["name"] == asked["port"])
    port = 8092 if "--name=edge-b" in container.get("args", []) else port
    headers = [word for h in asked.get("httpHeaders", []) for word in ("--header", f"{h['name']}: {h['value']}")]
    return ["curl", "-fsSk", "-o", "/dev/null", *headers, f"{asked.get('scheme', 'HTTP').lower()}://127.0.0.1:{port}{asked['path']}"]


def _health_check(container: Json, words: list[str]) -> Json:
    startup, readiness = container["startupProbe"], container["readinessProbe"]
    return {
        "test": ["CMD", *words],
        "interval": f"{readiness['periodSeconds']}s",
        "timeout": f"{readiness.get('timeoutSeconds', 1)}s",
        "retries": readiness.get("failureThreshold", 3),
        "start_period": f"{startup['periodSeconds'] * startup['failureThreshold']}s",
    }
