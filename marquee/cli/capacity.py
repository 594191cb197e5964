"""The command that says how many machines a number of viewers needs."""

from typing import Annotated

import typer

from marquee.cli.application import cli


@cli.command()
def capacity(
    *,
    viewers: Annotated[int, typer.Option(min=1, help="Who watch at least once a month.")] = 1_000_000,
    titles: Annotated[int, typer.Option(min=1, help="Titles that can be played.")] = 5_000,
    hours_a_day: Annotated[float, typer.Option(help="That the mean viewer watches.")] = 1.0,
    mbps: Annotated[float, typer.Option(help="Mb/s of the mean playback.")] = 5.0,
    new_titles: Annotated[int, typer.Option(min=0, help="Titles encoded in a month.")] = 100,
    regions: Annotated[int, typer.Option(min=2, help="Equal regions, any one of which may be lost.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="For programs, with all assumptions.")] = False,
    sources: Annotated[bool, typer.Option("--sources", help="The measured figures, and where each is from.")] = False,
    simulate: Annotated[bool, typer.Option("--simulate", help="Check it by an evening with a region lost.")] = False,
) -> None:
    """Machines, bandwidth and storage for so many viewers and titles, from costs that were measured."""
    from marquee.capacity import report
    from marquee.capacity.demand import Demand
    from marquee.capacity.plan import Machines, plan
    from marquee.capacity.unit_costs import unit_costs

    demand = Demand(viewers=viewers, titles=titles, hours_a_day=hours_a_day, mbps=mbps, new_titles=new_titles)
    machines, costs = Machines(regions=regions), unit_costs()
    needs = plan(demand, machines, costs)
    typer.echo(report.as_json(demand, machines, needs) if as_json else "\n".join(report.lines(needs)))
    if sources:
        typer.echo("\n".join(report.sources(costs)))
    if simulate:
        from marquee.capacity.evening import evening

        typer.echo("\n".join(report.compared(evening(demand, machines, costs).compared())))
