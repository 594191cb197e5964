"""Commands for data scientists: simulate, import, ship, query, delete."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from marquee.cli.application import cli
from marquee.contracts.errors import InvalidInput
from marquee.settings import settings


@cli.command()
def simulate(
    *,
    viewers: Annotated[int, typer.Option(help="How many viewers.")] = 300,
    days: Annotated[int, typer.Option(help="How many days, up to yesterday.")] = 28,
    start: Annotated[str, typer.Option(help="The first day (YYYY-MM-DD), instead of counting back.")] = "",
    seed: Annotated[int, typer.Option(help="One world per seed: same numbers, same viewers, same events.")] = 1,
    invent_titles: Annotated[int, typer.Option(help="So many invented titles instead of the catalogue's.")] = 0,
    messy: Annotated[bool, typer.Option(help="With duplicates, late events and wrong clocks.")] = False,
    catalogue: Annotated[int, typer.Option(help="Only make a catalogue of so many titles; they do not play.")] = 0,
) -> None:
    """Let simulated viewers watch, and write what they did into the lake. They are marked as simulated everywhere.

    With `--catalogue`, make titles to be browsed and searched instead: in six languages, with people and series.
    """
    if catalogue:
        _simulate_catalogue(catalogue, seed)
        return
    from marquee.viewing.pipeline import simulating
    from marquee.viewing.simulation.spec import USUAL_FAULTS, DeliveryFaults, Spec

    spec = Spec(
        viewers=viewers,
        start=_day(start) if start else date.today() - timedelta(days=days),
        days=days,
        seed=seed,
        titles=invent_titles or 1,
        faults=USUAL_FAULTS if messy else DeliveryFaults(),
    )
    shipped = simulating.simulate(spec, invent_titles=bool(invent_titles))
    typer.echo(f"simulated: {', '.join(f'{rows} {table}' for table, rows in shipped.rows.items())}")


def _simulate_catalogue(titles: int, seed: int) -> None:
    from marquee.viewing.pipeline.simulating_catalogue import simulate_catalogue

    typer.echo(f"simulated: a catalogue of {simulate_catalogue(titles, seed)} titles")


@cli.command()
def import_history(
    path: Annotated[Path, typer.Argument(help="A table of user, item, timestamp and seconds or rating; or MovieLens.")],
    *,
    source: Annotated[str, typer.Option(help="A name for where it comes from; importing it again replaces it.")],
    items: Annotated[Path | None, typer.Option(help="A table of the items: genres, year and the like.")] = None,
    viewers: Annotated[Path | None, typer.Option(help="A table of the viewers.")] = None,
) -> None:
    """Take a real viewing or rating history from elsewhere into the lake."""
    from marquee.viewing.pipeline import importing

    found = importing.take(path, source=source, items=items, viewers=viewers)
    typer.echo(f"{found.interactions} interactions of {found.viewers} viewers with {found.titles} titles")
    typer.echo(f"{found.known} of the titles are the catalogue's; {found.repeated} rows came more than once")
    if found.rejects:
        typer.echo(f"{found.rejected} rows were put aside, with line and reason: {settings().lake}/{found.rejects}")


@cli.command()
def ship() -> None:
    """Move acknowledged events and what edges logged into the lake now, as `ship_events` does every hour."""
    from marquee.viewing.pipeline import shipping

    counts = [f"{rows} {table}" for shipment in shipping.ship() for table, rows in shipment.rows.items()]
    typer.echo(f"shipped: {', '.join(counts) or 'nothing'}")


@cli.command()
def forward_events(
    *, once: Annotated[bool, typer.Option("--once", help="End when all that is there has been forwarded.")] = False
) -> None:
    """Move acknowledged events into the topic of MARQUEE_EVENTS_KAFKA, every second until it is ended."""
    from marquee.viewing.pipeline import forwarding

    forwarding.run(once=once)


@cli.command()
def sql(
    query: Annotated[str, typer.Argument(help="One SELECT in DuckDB's dialect; `show tables` lists the marts.")],
    *,
    form: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
) -> None:
    """Ask the marts. Nothing can be changed."""
    from marquee.viewing.warehouse.reading import run_sql

    typer.echo(run_sql(query, format=form))


@cli.command()
def delete_profile(profile: Annotated[int, typer.Argument(help="The profile's id.")]) -> None:
    """Delete a viewer: at once from the catalogue, at the next run from lake, marts, features and recommendations."""
    from marquee.viewing.pipeline import deletion

    deletion.delete_profile(profile)
    typer.echo("deleted; the next run of viewing_marts takes it out of the lake")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("not a day", where="--start", expected="YYYY-MM-DD", got=repr(text)) from None
