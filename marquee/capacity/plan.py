"""From demand and unit costs to machines: what a peak hour needs with the busiest region gone."""

from collections.abc import Mapping
from math import ceil
from typing import NamedTuple

from pydantic import Field

from marquee.capacity.demand import Demand
from marquee.capacity.unit_costs import UnitCosts
from marquee.contracts.base import Contract

REPLICAS = 3  # of every published file
SCORING_H, MONTH_H = 2.0, 730.0
LICENCE = ("licence",)  # asked of replicas of their own: they alone hold the master key


class Machines(Contract):
    """What one machine of a kind has, and how much of it may be used: assumptions, to be set to one's own."""

    edge_cores: int = Field(default=16, gt=0)
    edge_gbps: float = Field(default=40, gt=0)  # of its network, to viewers
    database_cores: int = Field(default=16, gt=0)
    utilisation: float = Field(default=0.6, gt=0, le=1)  # at the peak, with a region lost
    regions: int = Field(default=3, ge=2)  # equal ones; any one may be lost at the peak


class Need(NamedTuple):
    """So much of something; `why` is the arithmetic in words, `kind` whether it is bought by the peak or the month."""

    name: str
    amount: float
    unit: str
    why: str


def plan(demand: Demand, machines: Machines, costs: UnitCosts) -> list[Need]:
    """Everything, in the order of the way to viewers. Amounts cover all regions together."""
    return [
        *_delivery(demand, machines, costs),
        *_requests(demand, machines, costs),
        *_monthly(demand, machines, costs),
    ]


def spare(machines: Machines) -> float:
    """By how much what is needed is to be multiplied: for the region that may be lost, and for what stays unused."""
    return machines.regions / (machines.regions - 1) / machines.utilisation


def cores(rates: Mapping[str, float], costs_ms: Mapping[str, float]) -> float:
    """Processors kept busy by requests per second at milliseconds each."""
    return sum(rate * costs_ms.get(name, 0.0) for name, rate in rates.items()) / 1000


def api_ms(costs: UnitCosts) -> dict[str, float]:
    return {name: cost.value for name, cost in costs.api_ms.items()}


def database_ms(costs: UnitCosts) -> dict[str, float]:
    return {name: cost.value for name, cost in costs.database_ms.items()}


def edges(demand: Demand, machines: Machines, costs: UnitCosts) -> int:
    """Of all regions: by the network, or by the processor where that is the narrower."""
    return _whole(demand.gbps * spare(machines) / edge_gbps(machines, costs), machines)


def edge_gbps(machines: Machines, costs: UnitCosts) -> float:
    """Of one edge, at its limit."""
    return min(machines.edge_gbps, machines.edge_cores * costs.edge_gbps_per_core.value)


def replicas(demand: Demand, machines: Machines, costs: UnitCosts, *, licence: bool) -> int:
    """API processes of one core each."""
    rates = {name: rate for name, rate in demand.requests_per_s().items() if (name in LICENCE) == licence}
    return _whole(cores(rates, api_ms(costs)) * spare(machines), machines)


def _whole(amount: float, machines: Machines) -> int:
    """Rounded up, as many in each region, one at least."""
    return machines.regions * max(1, ceil(amount / machines.regions))


def _delivery(demand: Demand, machines: Machines, costs: UnitCosts) -> list[Need]:
    missed = 1 - demand.edge_hit_share
    each = f"{edge_gbps(machines, costs):.0f} Gb/s each, {spare(machines):.2f} × for a lost region and rest"
    return [
        Need("concurrent playbacks", demand.concurrent, "", f"{demand.peak_share:.0%} of a day's hours in one hour"),
        Need("bandwidth to viewers", demand.gbps, "Gb/s", f"{demand.mbps:g} Mb/s each"),
        Need("edges", edges(demand, machines, costs), "machines", each),
        Need("bandwidth of shields", demand.gbps * missed, "Gb/s", f"{missed:.0%} missed at edges"),
    ]


def _requests(demand: Demand, machines: Machines, costs: UnitCosts) -> list[Need]:
    rates, given = demand.requests_per_s(), (demand, machines, costs)
    busy = cores(rates, database_ms(costs))
    shards = max(1, ceil(busy / (machines.database_cores * machines.utilisation)))
    size = costs.member_kb.value
    return [
        Need("requests at the API", sum(rates.values()), "a second", f"{rates['steering']:,.0f} of steering"),
        Need("API replicas", replicas(*given, licence=False), "cores", "a process each"),
        Need("licence replicas", replicas(*given, licence=True), "cores", f"{rates['licence']:,.0f} licences a second"),
        Need("database shards", shards, "primaries", f"{busy:.1f} cores busy, {machines.database_cores} each"),
        Need("members' data", demand.viewers * size / 1e6, "GB", f"{size:.1f} kB a member"),
    ]


def _monthly(demand: Demand, machines: Machines, costs: UnitCosts) -> list[Need]:
    film_s = demand.new_titles * demand.title_hours * 3600
    encode = film_s * costs.encode_core_s_per_film_s.value / (MONTH_H * 3600 * machines.utilisation)
    title_gb = demand.title_hours * 3600 * demand.ladder_mbps / 8 / 1000
    scored = costs.scored_viewers_per_core_s.value * SCORING_H * 3600
    stored = demand.titles * title_gb * REPLICAS / 1000
    return [
        Need("transcode cores", max(1, ceil(encode)), "cores", f"{demand.new_titles} titles a month, day and night"),
        Need("storage", stored, "TB", f"{title_gb:.0f} GB a title, {REPLICAS} replicas"),
        Need("scoring cores", max(1, ceil(demand.viewers / scored)), "cores", f"for {SCORING_H:g} hours a night"),
        Need("delivered a month", demand.petabytes_a_month, "PB", f"{demand.hours_a_day:g} hours a day"),
    ]
