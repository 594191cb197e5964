"""Reads docker-compose.yml as Docker Compose does: variables filled in from an environment, then parsed."""

import re
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
# The innermost ${NAME}, ${NAME:-default} or ${NAME:?message}: defaults may hold further ones.
VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>[A-Z][A-Z0-9_]*)(?::(?P<kind>[-?])(?P<rest>[^${}]*))?\}")


class MissingVariable(Exception):
    """Compose would stop here with the message that stands after `:?`."""


def made_environment() -> dict[str, str]:
    """What .env holds after `make_env.py > .env`: every secret anew."""
    filled = runpy.run_path(str(ROOT / "deploy/docker/make_env.py"))["filled"]
    lines = filled((ROOT / ".env.example").read_text()).splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def interpolated(text: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """The file with its variables filled in. Raises MissingVariable."""
    found: dict[str, Any] = _filled(yaml.safe_load(text), environment)
    return found


def volume(text: str) -> tuple[str, str, bool]:
    """Source, target and whether it is read-only; a volume without a name has its target for a source."""
    source, _, rest = text.partition(":")
    target, _, mode = rest.partition(":")
    return source, target or source, mode == "ro"


def seconds(text: str) -> float:
    """A duration such as `1m30s`."""
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)(ms|[smh])", text))


def order(services: Mapping[str, Any]) -> list[str]:
    """The services in the order of `depends_on`, otherwise as they stand in the file."""
    left = {name: set(service.get("depends_on", {})) & set(services) for name, service in services.items()}
    found: list[str] = []
    while left:
        ready = next(name for name, waits_for in left.items() if not waits_for & set(left))
        found.append(ready)
        del left[ready]
    return found


def needed(services: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """These services and all they depend on; without names all that are in no profile, as Docker Compose has it."""
    wanted = set(names or (name for name, service in services.items() if "profiles" not in service))
    while more := {other for name in wanted for other in services[name].get("depends_on", {})} - wanted:
        wanted |= more
    return {name: service for name, service in services.items() if name in wanted}


def _filled(node: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _filled(item, environment) for key, item in node.items()}
    if isinstance(node, list):
        return [_filled(item, environment) for item in node]
    while isinstance(node, str) and VARIABLE.search(node):
        node = VARIABLE.sub(lambda found: _value(found, environment), node)
    return node.replace("$$", "$") if isinstance(node, str) else node


def _value(found: "re.Match[str]", environment: Mapping[str, str]) -> str:
    name, kind, rest = found["name"], found["kind"], found["rest"]
    if environment.get(name):
        return environment[name]
    if kind == "-":
        return rest or ""
    raise MissingVariable(name)
