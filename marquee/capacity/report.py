"""A plan for people and for programs."""

import json
from collections.abc import Iterable, Mapping

from marquee.capacity.demand import Demand
from marquee.capacity.plan import Machines, Need
from marquee.capacity.unit_costs import Measured, UnitCosts


def lines(needs: Iterable[Need]) -> Iterable[str]:
    """One line for each need, amounts under one another."""
    for need in needs:
        yield f"{need.name:<32}{_amount(need.amount):>14} {need.unit:<10} {need.why}".rstrip()


def compared(figures: Mapping[str, tuple[float, float]]) -> Iterable[str]:
    """What was simulated beside what the formula says."""
    for name, (seen, wanted) in figures.items():
        yield f"{name:<32}{_amount(seen):>14} simulated, {_amount(wanted)} by the formula ({seen / wanted - 1:+.1%})"


def _amount(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 10 or amount == int(amount) else f"{amount:.2f}"


def sources(costs: UnitCosts) -> Iterable[str]:
    """Where each measured figure comes from."""
    for name, found in _all(costs):
        note = f"; {found.note}" if found.note else ""
        where = f"{found.bench}, {found.day}, {costs.machines[found.machine]}{note}"
        yield f"{name:<32}{found.value:>10g} {found.unit:<22} {where}"


def _all(costs: UnitCosts) -> Iterable[tuple[str, Measured]]:
    for name in type(costs).model_fields:
        found = getattr(costs, name)
        if isinstance(found, Measured):
            yield name, found
        elif name != "machines":
            yield from ((f"{each} ({name.removesuffix('_ms')})", cost) for each, cost in found.items())


def as_json(demand: Demand, machines: Machines, needs: Iterable[Need]) -> str:
    """Assumptions and needs."""
    amounts = {need.name: {"amount": need.amount, "unit": need.unit, "why": need.why} for need in needs}
    document = {"demand": demand.model_dump(), "machines": machines.model_dump(), "needs": amounts}
    return json.dumps(document, indent=1)
