"""Every manifest is what Kubernetes, or the operator that reads it, takes: by its schema, unknown fields refused."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from referencing import Registry, Resource

from tests.manifests import RENDERED, Json, named, of_kind, pods, rendered

utils = pytest.importorskip("kubernetes_validate.utils")
VERSION = "1.34.0"  # the oldest that docs/kubernetes.md promises: a container may sleep before it is stopped
LOCAL = f"kubernetes-json-schema/v{VERSION}-local-strict"
# Our own, of what the components write: Kubernetes' schemas have no custom resources.
OWN: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "resources.yaml").read_text())


@cache
def definitions() -> Registry[Any]:
    contents = Resource.from_contents(utils.schema_contents(f"{LOCAL}/_definitions.json", VERSION))
    return contents @ Registry()


@cache
def validator(api: str, kind: str) -> Validator:
    """Of Kubernetes' own, or of the custom resources. Raises FileNotFoundError for an unknown kind."""
    if own := OWN.get(f"{api}/{kind}"):
        spec = {"type": "object", "additionalProperties": False, **own}
        return Draft202012Validator({"type": "object", "properties": {"spec": spec}, "required": ["spec"]})
    group, _, version = api.rpartition("/")
    name = "-".join(filter(None, (kind.lower(), group.partition(".")[0], version)))
    schema = utils.schema_contents(f"{LOCAL}/{name}.json", VERSION)
    return Draft202012Validator(schema, registry=Resource.from_contents(schema) @ definitions())


def errors(manifest: Json) -> list[str]:
    found = validator(manifest["apiVersion"], manifest["kind"]).iter_errors(manifest)
    return [f"{manifest['kind']} {manifest['metadata'].get('name')}: {e.json_path}: {e.message}" for e in found]


@pytest.fixture(scope="module")
def checked() -> set[str]:
    """What was looked at already: overlays have most of it in common."""
    return set()


@pytest.mark.parametrize("name", RENDERED)
def test_manifests_are_valid(name: str, checked: set[str]) -> None:
    manifests = [*rendered(name), *(pod.maker for pod in pods(rendered(name)) if pod.maker["kind"] == "Pod")]
    new = {str(manifest): manifest for manifest in manifests if str(manifest) not in checked}
    checked |= set(new)
    assert len(manifests) > 40
    assert [error for manifest in new.values() for error in errors(manifest)] == []


def test_a_wrong_field_is_seen() -> None:
    deployment = named(rendered("minimal"), "Deployment", "gateway")
    wrong = {**deployment, "spec": {**deployment["spec"], "replica": 2}}
    assert any("replica" in error for error in errors(wrong))
    (scaler,) = of_kind(rendered("single-region"), "ScaledObject")
    assert errors({**scaler, "spec": {**scaler["spec"], "maxReplica": 2}})


def test_every_schema_of_ours_is_used() -> None:
    used = {f"{m['apiVersion']}/{m['kind']}" for name in RENDERED for m in rendered(name)}
    assert set(OWN) <= used
