"""QC profiles: named sets of rules, read from profiles.yaml."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import model_validator

from marquee.contracts.base import Contract
from marquee.contracts.errors import NotFound
from marquee.contracts.qc import Severity

FILE = Path(__file__).with_name("profiles.yaml")
DEFAULT = "ebu-r128"


class Rule(Contract):
    """One expectation: every row's `measure` lies between `min` and `max` (either may be open), or is missing."""

    name: str
    table: Literal["picture", "audio", "captions", "pictures"]
    measure: str
    min: float | None = None
    max: float | None = None
    severity: Severity
    unit: str
    says: str
    at: str | None = None
    stretches: str | None = None
    instead_of: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError(f"the rule {self.name!r} has neither min nor max")
        return self


class Profile(Contract):
    """A profile with its rules in the order of the file."""

    name: str
    label: str
    rules: tuple[Rule, ...]

    def rule(self, name: str) -> Rule:
        return next(rule for rule in self.rules if rule.name == name)


@lru_cache
def profiles() -> dict[str, Profile]:
    """All profiles by name."""
    content: dict[str, Any] = yaml.safe_load(FILE.read_text())
    shared: dict[str, dict[str, Any]] = content["rules"]
    return {
        name: Profile(
            name=name,
            label=body["label"],
            rules=tuple(Rule(name=n, **rule | body["bounds"].get(n, {})) for n, rule in shared.items()),
        )
        for name, body in content["profiles"].items()
    }


def profile(name: str) -> Profile:
    """A profile by name. Raises NotFound."""
    try:
        return profiles()[name]
    except KeyError:
        known = ", ".join(profiles())
        raise NotFound("no such QC profile", where=str(FILE.name), expected=f"one of {known}", got=name) from None
