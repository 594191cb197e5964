"""The compose file as Docker Compose would read it: interpolated from the .env that make_env.py prints, then parsed."""

import re
import runpy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
Interpolate = Callable[[Mapping[str, str]], dict[str, Any]]

# The innermost ${NAME}, ${NAME:-default} or ${NAME:?message}: defaults may hold further ones.
VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>[A-Z][A-Z0-9_]*)(?::(?P<kind>[-?])(?P<rest>[^${}]*))?\}")


class MissingVariable(Exception):
    """Compose would stop here with the message that stands after `:?`."""


def value(found: "re.Match[str]", env: Mapping[str, str]) -> str:
    name, kind, rest = found["name"], found["kind"], found["rest"]
    if env.get(name):
        return env[name]
    if kind == "-":
        return rest or ""
    raise MissingVariable(name)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def raw() -> str:
    """The compose file without its comments."""
    text = (ROOT / "docker-compose.yml").read_text()
    return re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)


@pytest.fixture(scope="session")
def env() -> dict[str, str]:
    """What .env holds after `make_env.py > .env`."""
    filled = runpy.run_path(str(ROOT / "deploy/docker/make_env.py"))["filled"]
    lines = filled((ROOT / ".env.example").read_text()).splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.fixture(scope="session")
def interpolate(raw: str) -> Interpolate:
    """Read the compose file with a given environment. Raises MissingVariable."""

    def fill(node: Any, env: Mapping[str, str]) -> Any:
        if isinstance(node, dict):
            return {key: fill(item, env) for key, item in node.items()}
        if isinstance(node, list):
            return [fill(item, env) for item in node]
        while isinstance(node, str) and VARIABLE.search(node):
            node = VARIABLE.sub(lambda found: value(found, env), node)
        return node.replace("$$", "$") if isinstance(node, str) else node

    return lambda env: fill(yaml.safe_load(raw), env)


@pytest.fixture(scope="session")
def compose(interpolate: Interpolate, env: dict[str, str]) -> dict[str, Any]:
    return interpolate(env)


@pytest.fixture(scope="session")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found
