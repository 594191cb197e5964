"""A rendered overlay with the Secrets that make_secrets.py makes for it."""

import argparse
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.compose.file import ROOT, made_environment

Json = dict[str, Any]
FOLDER = ROOT / "deploy" / "kubernetes"


class Overlay:
    """What containers of an overlay get from Secrets and ConfigMaps."""

    def __init__(self, name: str, home: Path) -> None:
        script = runpy.run_path(str(FOLDER / "make_secrets.py"))
        self.passwords = made_environment()
        self.manifests: list[Json] = script["rendered"](FOLDER / "overlays" / name)
        addresses = {"database": "postgres:5432", "broker": "broker:6379"}
        given = argparse.Namespace(**addresses, certificates=home / "made", public=None)
        self.secrets: dict[str, dict[str, str]] = script["secrets"](self.manifests, self.passwords, given)
        self.maps: dict[str, dict[str, str]] = {m["metadata"]["name"]: m["data"] for m in self.of_kind("ConfigMap")}

    def of_kind(self, *kinds: str) -> list[Json]:
        """In the order of the kinds."""
        return [manifest for kind in kinds for manifest in self.manifests if manifest["kind"] == kind]

    def environment(self, container: Json) -> dict[str, str]:
        """A container's variables. A later source goes before an earlier one."""
        found: dict[str, str] = {}
        for source in container.get("envFrom", []):
            kind, reference = next(iter(source.items()))
            found |= (self.maps if kind == "configMapRef" else self.secrets)[reference["name"]]
        given = {each["name"]: self._value(each) for each in container.get("env", [])}
        return found | {name: value for name, value in given.items() if value is not None}

    def _value(self, variable: Json) -> str | None:
        if "value" in variable:
            return str(variable["value"])
        kind, key = next(iter(variable["valueFrom"].items()))
        return (self.maps if kind == "configMapKeyRef" else self.secrets)[key["name"]].get(key["key"])

    def files(self, mount: Json, volume: Json) -> Iterator[tuple[str, str]]:
        """Path and content of each file that a mounted volume of Secrets and ConfigMaps has."""
        for source in [volume, *volume.get("projected", {}).get("sources", [])]:
            for stored, of in ((self.secrets, source.get("secret")), (self.maps, source.get("configMap"))):
                if of:
                    content = stored[of.get("secretName") or of["name"]]
                    for item in of.get("items") or [{"key": key, "path": key} for key in content]:
                        yield f"{mount['mountPath']}/{item['path']}", content[item["key"]]
