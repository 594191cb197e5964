"""Capacity: the laws of the arithmetic, its constants against the code, and the simulated evening against both."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from marquee.capacity import demand as assumptions
from marquee.capacity import plan as formulas
from marquee.capacity.demand import Demand
from marquee.capacity.evening import BAND, evening
from marquee.capacity.plan import Machines, api_ms, cores, plan
from marquee.capacity.unit_costs import FILE, unit_costs
from marquee.cli import cli
from marquee.content.edge.nginx import STANDING_S
from marquee.content.edge.steering import TTL_S
from marquee.contracts.errors import InvalidInput
from marquee.members.watching import HEARTBEAT_S
from marquee.settings import Settings

TEN_MILLION = Demand(viewers=10_000_000, titles=5_000)


def amounts(demand: Demand = TEN_MILLION, machines: Machines | None = None) -> dict[str, float]:
    return {need.name: need.amount for need in plan(demand, machines or Machines(), unit_costs())}


def test_what_players_ask_is_as_often_as_the_code_has_it() -> None:
    assert assumptions.STEERING_S == TTL_S
    assert assumptions.STANDING_S == STANDING_S
    assert assumptions.HEARTBEAT_S == HEARTBEAT_S
    assert Settings.model_fields["access_token_s"].default == assumptions.REFRESH_S
    player = (Path(__file__).parents[2] / "web/src/player/playback.ts").read_text()
    assert f"HEARTBEAT_MS = {assumptions.EVENTS_S}_000;" in player


def test_every_request_has_a_measured_cost_or_none_at_the_database() -> None:
    asked = {*TEN_MILLION.requests_per_s()}
    assert asked == {*unit_costs().api_ms}
    assert {*unit_costs().database_ms} <= asked
    assert all(figure.value > 0 for figure in unit_costs().api_ms.values())


def test_a_peak_by_hand() -> None:
    found = amounts(Demand(viewers=1_000_000, titles=1_000, hours_a_day=2, mbps=4, peak_share=0.1, title_hours=2))
    assert found["concurrent playbacks"] == 200_000
    assert found["bandwidth to viewers"] == 800
    assert found["delivered a month"] == pytest.approx(1e6 * 2 * 30.4 * 3600 * 4e6 / 8 / 1e15)
    assert found["storage"] == pytest.approx(1_000 * 2 * 3600 * 25e6 / 8 * 3 / 1e12)


def test_twice_the_viewers_need_twice_of_what_they_cause_and_no_more_storage() -> None:
    one, two = amounts(), amounts(TEN_MILLION.model_copy(update={"viewers": 20_000_000}))
    for name in ("bandwidth to viewers", "requests at the API", "members' data", "delivered a month"):
        assert two[name] == pytest.approx(2 * one[name])
    for name in ("edges", "API replicas", "database shards"):
        assert 2 * one[name] - Machines().regions <= two[name] <= 2 * one[name]  # whole ones, as many in each region
    assert (two["storage"], two["transcode cores"]) == (one["storage"], one["transcode cores"])


def test_what_is_left_without_a_region_holds_the_peak_at_the_utilisation_wanted() -> None:
    costs = unit_costs()
    for regions in (2, 3, 5):
        machines = Machines(regions=regions)
        left = (regions - 1) / regions
        edges = formulas.edges(TEN_MILLION, machines, costs) * left * formulas.edge_gbps(machines, costs)
        assert TEN_MILLION.gbps / edges <= machines.utilisation
        replicas = formulas.replicas(TEN_MILLION, machines, costs, licence=False)
        rates = {n: rate for n, rate in TEN_MILLION.requests_per_s().items() if n != "licence"}
        assert cores(rates, api_ms(costs)) / (replicas * left) <= machines.utilisation
        assert replicas % regions == 0


def test_an_evening_with_a_region_lost_is_as_the_arithmetic_says() -> None:
    seen = evening(TEN_MILLION, Machines(), unit_costs())
    for name, (simulated, formula) in seen.compared().items():
        assert simulated == pytest.approx(formula, rel=BAND), name
    assert seen.holds()
    assert seen.api_utilisation < 1
    assert evening(TEN_MILLION, Machines(), unit_costs()) == seen
    assert not replace(seen, api_utilisation=seen.api_utilisation * (1 + 2 * BAND)).holds()


def test_the_evening_notices_arithmetic_that_forgets_the_lost_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """Machines bought without anything spare are overrun; the simulation does not follow the formula into error."""
    monkeypatch.setattr(formulas, "spare", lambda _: 1.0)
    seen = evening(TEN_MILLION, Machines(), unit_costs())
    assert seen.edge_utilisation > 1.3
    assert seen.api_utilisation > 0.99
    assert not seen.holds()


def test_figures_without_a_source_are_refused(tmp_path: Path) -> None:
    bare = tmp_path / "costs.yaml"
    bare.write_text(FILE.read_text().replace("bench: edges_scale", "bench_: edges_scale", 1))
    with pytest.raises(InvalidInput, match=r"costs\.yaml"):
        unit_costs(bare)


def test_the_command_speaks_to_people_and_programs() -> None:
    run = CliRunner().invoke
    said = run(cli, ["capacity", "--viewers", "10000000", "--titles", "5000", "--sources"])
    assert said.exit_code == 0, said.output
    assert "database shards" in said.output
    assert "unit_costs, 2026-" in said.output
    document = json.loads(run(cli, ["capacity", "--viewers", "10000000", "--titles", "5000", "--json"]).output)
    assert document["demand"]["viewers"] == 10_000_000
    assert {name: need["amount"] for name, need in document["needs"].items()} == amounts()
