"""What `kubectl kustomize` makes of deploy/kubernetes, and ways to look at it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from os.path import relpath
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "deploy" / "kubernetes"
KUBECTL = Path(sys.executable).parent / "kubectl"
OVERLAYS = ("minimal", "single-region", "multi-region/eu", "multi-region/us", "multi-region/ap")
OPTIONS = ("cert-manager", "external-secrets", "gateway-api", "kubernetes-executor", "object-lake", "spark-executors")
RENDERED = (*OVERLAYS, *(f"single-region + {option}" for option in OPTIONS))
TEMPLATES = {"Deployment", "StatefulSet", "Job", "CronJob"}


@cache
def rendered(name: str) -> tuple[Json, ...]:
    """An overlay's manifests, or those of `<overlay> + <component>`. Raises CalledProcessError."""
    overlay, _, component = name.partition(" + ")
    if not component:
        return _kustomize(FOLDER / "overlays" / overlay)
    with TemporaryDirectory() as folder:
        here = Path(folder).resolve()
        resource, added = (relpath(FOLDER / part, here) for part in (f"overlays/{overlay}", f"components/{component}"))
        kustomization = {
            "kind": "Kustomization",
            "namespace": "marquee",
            "resources": [resource],
            "components": [added],
        }
        (here / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
        return _kustomize(here)


def _kustomize(folder: Path) -> tuple[Json, ...]:
    done = subprocess.run([KUBECTL, "kustomize", folder], capture_output=True, text=True, check=True, timeout=60)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return tuple(yaml.load_all(done.stdout, loader))


@dataclass(frozen=True)
class Pod:
    """A pod that something makes: by its maker's name, with labels, specification and the maker itself."""

    name: str
    labels: dict[str, str]
    spec: Json
    maker: Json

    @property
    def containers(self) -> list[Json]:
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    @property
    def runs_on(self) -> bool:
        """Whether it is a server, not a task that ends."""
        return self.maker["kind"] in ("Deployment", "StatefulSet")


def of_kind(manifests: tuple[Json, ...], *kinds: str) -> list[Json]:
    return [each for each in manifests if each["kind"] in kinds]


def named(manifests: tuple[Json, ...], kind: str, name: str) -> Json:
    """The one of that kind and name; generated names have a suffix."""
    found = [m for m in of_kind(manifests, kind) if m["metadata"]["name"].rpartition("-")[0] == name]
    (one,) = [m for m in of_kind(manifests, kind) if m["metadata"]["name"] == name] or found
    return one


def pods(manifests: tuple[Json, ...]) -> list[Pod]:
    """Every pod: of Deployments and the like, and of the templates that Airflow and Spark make pods from."""
    return [*_of_makers(manifests), *_of_templates(manifests)]


def _of_makers(manifests: tuple[Json, ...]) -> Iterator[Pod]:
    for maker in of_kind(manifests, *TEMPLATES):
        spec = maker["spec"]["jobTemplate"]["spec"] if maker["kind"] == "CronJob" else maker["spec"]
        template = spec["template"]
        yield Pod(maker["metadata"]["name"], template["metadata"]["labels"], template["spec"], maker)


def _of_templates(manifests: tuple[Json, ...]) -> Iterator[Pod]:
    for source in of_kind(manifests, "ConfigMap"):
        for name, text in source["data"].items():
            if name.endswith(".yaml"):
                pod = yaml.safe_load(text)
                yield Pod(
                    pod["metadata"]["labels"]["app.kubernetes.io/name"], pod["metadata"]["labels"], pod["spec"], pod
                )


def pod(manifests: tuple[Json, ...], name: str) -> Pod:
    (found,) = [each for each in pods(manifests) if each.name == name]
    return found


def environment(manifests: tuple[Json, ...], container: Json) -> dict[str, str | None]:
    """The variables of a container; None for what a Secret says. A later source goes before an earlier one."""
    found: dict[str, str | None] = {}
    for source in container.get("envFrom", []):
        if reference := source.get("configMapRef"):
            found |= named(manifests, "ConfigMap", reference["name"])["data"]
    for variable in container.get("env", []):
        found[variable["name"]] = _value(manifests, variable)
    return found


def _value(manifests: tuple[Json, ...], variable: Json) -> str | None:
    reference = variable.get("valueFrom", {}).get("configMapKeyRef")
    if reference:
        value: str = named(manifests, "ConfigMap", reference["name"])["data"][reference["key"]]
        return value
    return variable.get("value")


def words(manifests: tuple[Json, ...], container: Json) -> list[str]:
    """Command and arguments with $(NAME) replaced, as kubelet does it. Raises KeyError for an unknown name."""
    known = environment(manifests, container)
    line = [*container.get("command", []), *container.get("args", [])]
    return [re.sub(r"\$\(([A-Za-z_]\w*)\)", lambda name: known[name[1]] or "", word) for word in line]


def matches(selector: Json, labels: dict[str, str]) -> bool:
    """Whether a label selector finds these labels; an empty one finds all."""
    wanted = selector.get("matchLabels", {})
    within = [
        e["operator"] == "In" and labels.get(e["key"]) in e["values"] for e in selector.get("matchExpressions", [])
    ]
    return all(labels.get(key) == value for key, value in wanted.items()) and all(within)
