"""The compose file as Docker Compose would read it: interpolated from the .env that make_env.py prints, then parsed."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bench.compose.file import FILE, ROOT, interpolated, made_environment

Interpolate = Callable[[Mapping[str, str]], dict[str, Any]]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def raw() -> str:
    """The compose file without its comments."""
    return re.sub(r"^\s*#.*$", "", FILE.read_text(), flags=re.MULTILINE)


@pytest.fixture(scope="session")
def env() -> dict[str, str]:
    """What .env holds after `make_env.py > .env`."""
    return made_environment()


@pytest.fixture(scope="session")
def interpolate(raw: str) -> Interpolate:
    """Read the compose file with a given environment. Raises MissingVariable."""
    return lambda env: interpolated(raw, env)


@pytest.fixture(scope="session")
def compose(interpolate: Interpolate, env: dict[str, str]) -> dict[str, Any]:
    return interpolate(env)


@pytest.fixture(scope="session")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found
