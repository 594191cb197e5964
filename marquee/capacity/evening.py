"""A simulated evening: viewers come, watch and go; in the busiest hour a region is lost, and its viewers go elsewhere.

Checks the arithmetic of marquee.capacity.plan by other means: every playback is a process of its own that asks the API
as a player does, and waits its turn there. One of so many playbacks is simulated (`SIMULATED` at the peak); each of its
requests stands for those of all it stands for, and takes as much longer.
"""

import random
from collections.abc import Generator
from dataclasses import dataclass, field
from statistics import mean
from typing import Any

import simpy

from marquee.capacity.demand import EVENTS_S, HEARTBEAT_S, REFRESH_S, STANDING_S, STEERING_S, Demand
from marquee.capacity.plan import Machines, api_ms, cores, edge_gbps, edges, replicas
from marquee.capacity.unit_costs import UnitCosts

SIMULATED = 600  # playbacks at the peak; each stands for the same number of real ones
BEFORE_S, AFTER_S = 120.0, 300.0  # of the busiest hour, before the region is lost and after it
LOOK_S = 5.0  # between two counts of playbacks
RECONNECT_S = 20.0  # within which players leave a lost region: two failed requests, and the next steering answer
BAND = 0.1  # how far the simulation may be from the formula


@dataclass
class Region:
    """Playbacks now and in all counts, and API processes that answer one request after the other."""

    servers: simpy.Resource
    playing: int = 0
    counts: list[int] = field(default_factory=list)
    busy_s: float = 0.0
    up: bool = True


@dataclass
class Evening:
    """What was seen. Utilisations are of one surviving region, after the loss."""

    concurrent: float
    formula_concurrent: float
    edge_utilisation: float
    formula_edge_utilisation: float
    api_utilisation: float
    formula_api_utilisation: float

    def compared(self) -> dict[str, tuple[float, float]]:
        """By name: simulated, and by the formula."""
        return {
            "concurrent playbacks": (self.concurrent, self.formula_concurrent),
            "edges in use": (self.edge_utilisation, self.formula_edge_utilisation),
            "API in use": (self.api_utilisation, self.formula_api_utilisation),
        }

    def holds(self) -> bool:
        """Whether all are within the band of the formula."""
        return all(abs(seen / wanted - 1) <= BAND for seen, wanted in self.compared().values())


@dataclass
class _World:
    env: simpy.Environment
    chance: random.Random
    demand: Demand
    cost_s: dict[str, float]  # processor seconds of a simulated request
    regions: list[Region]
    measuring_from: float = field(default=float("inf"))

    def somewhere(self) -> Region:
        return self.chance.choice([region for region in self.regions if region.up])


def evening(demand: Demand, machines: Machines, costs: UnitCosts, *, seed: int = 1) -> Evening:
    """Simulate; the same seed gives the same evening."""
    env, stands_for = simpy.Environment(), demand.concurrent / SIMULATED
    servers = replicas(demand, machines, costs, licence=False) // machines.regions
    ms = {name: cost for name, cost in api_ms(costs).items() if name != "licence"}
    world = _World(
        env,
        random.Random(seed),
        demand,
        {name: cost / 1000 * stands_for for name, cost in ms.items()},
        [Region(simpy.Resource(env, servers)) for _ in range(machines.regions)],
    )
    env.process(_arrivals(world))
    env.process(_loss(world))
    env.process(_counts(world))
    env.run(BEFORE_S + AFTER_S)
    return _seen(world, machines, costs, stands_for, ms)


def _seen(world: _World, machines: Machines, costs: UnitCosts, stands_for: float, ms: dict[str, float]) -> Evening:
    left = [region for region in world.regions if region.up]
    demand, span = world.demand, world.env.now - world.measuring_from
    gbps = edges(demand, machines, costs) / machines.regions * edge_gbps(machines, costs)
    servers = left[0].servers.capacity
    playing = sum(mean(region.counts) for region in left)
    busy = sum(region.busy_s for region in left) / len(left)
    return Evening(
        concurrent=playing * stands_for,
        formula_concurrent=demand.concurrent,
        edge_utilisation=playing / len(left) * stands_for * demand.mbps / 1000 / gbps,
        formula_edge_utilisation=demand.gbps / len(left) / gbps,
        api_utilisation=busy / span / servers,
        formula_api_utilisation=cores(demand.requests_per_s(), ms) / len(left) / servers,
    )


def _arrivals(world: _World) -> Generator[Any, Any, None]:
    """Poisson, at the rate at which as many come as leave; all of the peak's playbacks are under way already."""
    length_s = 60 * world.demand.session_minutes
    for _ in range(SIMULATED):
        world.env.process(_playback(world, begun=True))
    while True:
        yield world.env.timeout(world.chance.expovariate(SIMULATED / length_s))
        world.env.process(_playback(world))


def _loss(world: _World) -> Generator[Any, Any, None]:
    yield world.env.timeout(BEFORE_S)
    world.regions[0].up = False
    yield world.env.timeout(RECONNECT_S)
    world.measuring_from = world.env.now
    for region in world.regions:
        region.counts, region.busy_s = [], 0.0


def _counts(world: _World) -> Generator[Any, Any, None]:
    while True:
        yield world.env.timeout(LOOK_S)
        for region in world.regions:
            region.counts.append(region.playing)


def _playback(world: _World, *, begun: bool = False) -> Generator[Any, Any, None]:
    """One playback from its pages to its end. Lengths are exponential, so those under way have as long to go."""
    region, ends = world.somewhere(), world.env.now + world.chance.expovariate(1 / (60 * world.demand.session_minutes))
    if not begun:
        pages = round(world.demand.pages_per_start)
        world.env.process(_requests(world, region, [*(["home_page"] * pages), "session_start"]))
    region.playing += 1
    turn_s = world.chance.uniform(0, STEERING_S)  # players are not in step
    while world.env.now < ends:
        yield world.env.timeout(min(turn_s, ends - world.env.now))
        turn_s = STEERING_S
        if not region.up:
            region.playing -= 1
            yield world.env.timeout(world.chance.uniform(0, RECONNECT_S - STEERING_S))
            region = world.somewhere()
            region.playing += 1
        world.env.process(_requests(world, region, _due(world)))
    region.playing -= 1


def _due(world: _World) -> list[str]:
    """What a player asks in one turn of steering: rarer requests by their share of turns."""
    every = {"heartbeat": HEARTBEAT_S, "events": EVENTS_S, "refresh": REFRESH_S, "standing": STANDING_S}
    return ["steering", *(name for name, s in every.items() if world.chance.random() < STEERING_S / s)]


def _requests(world: _World, region: Region, names: list[str]) -> Generator[Any, Any, None]:
    for name in names:
        with region.servers.request() as turn:
            yield turn
            cost_s = world.cost_s.get(name, 0.0)
            yield world.env.timeout(cost_s)
            region.busy_s += cost_s
