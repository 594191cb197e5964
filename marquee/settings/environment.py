"""Settings as environment variables."""

import json
from collections.abc import Mapping


def as_environment(values: Mapping[str, object]) -> dict[str, str]:
    """The variables that give a process these settings, by their fields' names."""
    return {f"MARQUEE_{name.upper()}": _text(value) for name, value in values.items()}


def _text(value: object) -> str:
    return json.dumps(value) if isinstance(value, dict | list | tuple) else str(value)
