"""Plans: what the operator offers and has offered, read from plans.yaml or a file of the operator's own."""

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from marquee.contracts.errors import InvalidInput, NotFound
from marquee.contracts.plans import Plan
from marquee.settings import settings

FILE = Path(__file__).with_name("plans.yaml")


def plans() -> dict[str, Plan]:
    """All plans by name, in the order of the file. Raises InvalidInput for a file that is wrong."""
    return _read(settings().plans_file or FILE)


@lru_cache
def _read(file: Path) -> dict[str, Plan]:
    try:
        found = TypeAdapter(list[Plan]).validate_python(yaml.safe_load(file.read_text()))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise InvalidInput(
            "not a list of plans", where=str(file), expected="as in docs/members.md", got=str(error)
        ) from error
    return {each.slug: each for each in found}


def offered() -> dict[str, Plan]:
    """Those that can be had now."""
    return {slug: each for slug, each in plans().items() if each.offered}


def plan(slug: str) -> Plan:
    """A plan by name, offered or not. Raises NotFound."""
    try:
        return plans()[slug]
    except KeyError:
        raise NotFound("no such plan", where="plan", expected=f"one of {', '.join(plans())}", got=slug) from None


def choice(slug: str) -> Plan:
    """A plan that can be had now. Raises NotFound."""
    if slug in offered():
        return plan(slug)
    raise NotFound("no such plan", where="plan", expected=f"one of {', '.join(offered())}", got=slug)
