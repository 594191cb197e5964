"""What one unit of each kind of work costs: figures that benches measured, with machine, day and bench."""

from datetime import date
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from marquee.contracts.base import Contract
from marquee.contracts.errors import InvalidInput

FILE = Path(__file__).with_name("unit_costs.yaml")


class Measured(Contract):
    """A figure, and where it comes from. `machine` is a key of the file's machines."""

    value: float
    unit: str
    bench: str
    machine: str
    day: date
    note: str = ""


class UnitCosts(Contract):
    """All figures by name. Costs of requests are processor milliseconds of the API's process, or of PostgreSQL's."""

    machines: dict[str, str]
    api_ms: dict[str, Measured]
    database_ms: dict[str, Measured]
    edge_hits_per_core_s: Measured
    edge_gbps_per_core: Measured
    encode_core_s_per_film_s: Measured
    scored_viewers_per_core_s: Measured
    member_kb: Measured


@lru_cache
def unit_costs(file: Path = FILE) -> UnitCosts:
    """The measured costs. Raises InvalidInput for a file that is wrong."""
    try:
        return UnitCosts.model_validate(yaml.safe_load(file.read_text()))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise InvalidInput("not a list of unit costs", where=str(file), got=str(error)) from error
