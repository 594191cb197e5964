"""`marquee …`: run the platform on one machine, and do by hand what Airflow does by itself."""

import os
import sys
from datetime import date, timedelta
from logging import WARNING
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from marquee import logs as logging
from marquee.catalogue.database import migrate as migrate_catalogue
from marquee.contracts.errors import InvalidInput, MarqueeError, NotFound
from marquee.demo.run import run as demonstration
from marquee.embedded import commands
from marquee.settings import settings

cli = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)


@cli.command()
def up() -> None:
    """Start everything that does not run, and wait until it is healthy."""
    commands.up(settings(), typer.echo, migrate=migrate_catalogue)


@cli.command()
def down() -> None:
    """Stop everything, in order; nothing is left running."""
    commands.down(settings(), typer.echo)


@cli.command()
def status() -> None:
    """What runs, since when, and where."""
    for line in commands.status(settings()):
        since = f"{line.uptime_s:8.0f} s" if line.pid else ""
        typer.echo(f"{line.name:<22} {line.state:<9} {line.pid or '':<8} {since:<11} {line.url}".rstrip())


@cli.command()
def logs(
    name: Annotated[str, typer.Argument(help="A service, as `status` names it; all by default.")] = "",
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines come.")] = False,
) -> None:
    """The last lines of the services' logs."""
    argv = commands.logs_command(settings(), name, follow=follow)
    os.execvp(argv[0], argv)  # noqa: S606 (an argument list; tail gets the terminal's signals)


@cli.command()
def demo() -> None:
    """Start everything, publish films, let simulated viewers watch, train on what they watched, print the doors."""
    _quiet()
    demonstration.run(settings(), typer.echo)


@cli.command()
def doors() -> None:
    """The addresses people use, with the demo's logins."""
    demonstration.print_doors(settings(), typer.echo)


@cli.command()
def migrate() -> None:
    """Bring the catalogue's schema up to date."""
    migrate_catalogue()


@cli.command()
def rollback(
    title: Annotated[str, typer.Argument(help="The title's slug.")],
    release: Annotated[int | None, typer.Option(help="The release to show; the one before by default.")] = None,
) -> None:
    """Point a title at an earlier release, and warm the edges for it."""
    from marquee.content.pipeline import releasing

    shown = releasing.roll_back(title, release, actor=f"cli:{os.environ.get('USER', 'unknown')}")
    typer.echo(f"{shown.slug}: release {shown.release_id} {'is shown now' if shown.changed else 'was shown already'}")
    for edge in settings().edge_addresses:
        report = releasing.warm_up(shown.release_id, edge)
        typer.echo(f"{edge}: {report.hits} of {report.files} files held, {report.bytes} bytes, {report.seconds} s")


@cli.command()
def scrub(title: Annotated[str, typer.Argument(help="The title's slug.")]) -> None:
    """Compare all replicas of a title's releases with their checksums, and repair what is wrong."""
    from marquee.content.pipeline import releasing

    for release_id, repaired in releasing.scrub(title).items():
        for region, paths in repaired.items():
            typer.echo(f"release {release_id}, {region}: {len(paths)} files repaired")


@cli.command()
def deliver(
    media: Annotated[Path, typer.Argument(help="The film.")],
    *,
    title: Annotated[str, typer.Option(help="Its title; the file's name by default.")] = "",
    year: Annotated[int, typer.Option(help="Its year; this one by default.")] = 0,
    slug: Annotated[str, typer.Option(help="The delivery's name; made from the title by default.")] = "",
    subtitles: Annotated[list[str] | None, typer.Option(help="LANGUAGE=FILE, as often as needed.")] = None,
) -> None:
    """Put a film into the inbox with a minimal title.yaml; the inbox watch takes it from there."""
    from marquee.content.delivery.compose import compose

    pairs = [_pair(text) for text in subtitles or []]
    tracks = dict(pairs)
    if len(tracks) < len(pairs):
        raise InvalidInput("two tracks of one language", where="--subtitles", expected="each language once")
    name = compose(
        settings().inbox,
        media,
        title=title or media.stem,
        year=year or date.today().year,
        slug=slug,
        subtitles=tracks,
    )
    typer.echo(f"delivered: {settings().inbox / name}")


def _pair(text: str) -> tuple[str, Path]:
    language, found, path = text.partition("=")
    if not (language and found and path):
        raise InvalidInput("not a subtitle track", where="--subtitles", expected="LANGUAGE=FILE", got=repr(text))
    return language, Path(path)


@cli.command()
def show(title: Annotated[str, typer.Argument(help="The title's slug.")]) -> None:
    """The release that viewers of a title get: its renditions, with what was measured on them."""
    from marquee.catalogue import releases, titles
    from marquee.catalogue.database import begin

    with begin() as session:
        found = titles.by_slug(session, title)
        if found is None or found.current_release is None:
            raise NotFound("no such title is shown to viewers", where="title", got=repr(title))
        release = releases.document(found.current_release)
        others = [row.id for row in releases.published(session, found.id) if row.id != release.release_id]
    typer.echo(f"{release.slug}  {release.duration_s:.2f} s  {release.scheme}  release {release.release_id}")
    for v in release.video:
        size, kbps, peak = f"{v.width}x{v.height}", v.bitrate_avg / 1000, v.bitrate_peak / 1000
        typer.echo(
            f"  {v.name:<12} {size:<10} {v.frames:>6} frames {kbps:>6.0f} kb/s, peak {peak:.0f}  VMAF {v.vmaf_mean}"
        )
    for a in release.audio:
        typer.echo(f"  {a.name:<23} {a.channels} channels {a.bitrate_avg / 1000:>8.0f} kb/s")
    for t in release.text:
        typer.echo(f"  subtitles {t.name:<13} {t.cues} cues")
    if others:
        typer.echo(f"  can be rolled back to {', '.join(map(str, others))}")


@cli.command()
def run(
    delivery: Annotated[str, typer.Argument(help="A folder in the inbox, or the slug of a title delivered before.")],
    ladder: Annotated[str, typer.Option(help="Encoding profile.")] = "standard",
) -> None:
    """Carry one delivery to the edges in this process, without Airflow. QC's warnings are waived by whoever runs it."""
    from marquee.content.pipeline.inline import carry

    shown = carry(delivery, ladder=ladder, actor=f"cli:{os.environ.get('USER', 'unknown')}")
    typer.echo(f"{shown.slug}: release {shown.release_id} is shown, {settings().api_url}/watch/{shown.title_id}")


@cli.command()
def stock(films: Annotated[int | None, typer.Option(help="How many; all by default.")] = None) -> None:
    """Make a shelf of short films and publish them in this process, so that there is something to choose from."""
    from marquee.demo.run import films

    _quiet()
    typer.echo(f"{films.stock(typer.echo, films)} films made")


@cli.command()
def simulate(
    *,
    viewers: Annotated[int, typer.Option(help="How many viewers.")] = 300,
    days: Annotated[int, typer.Option(help="How many days, up to yesterday.")] = 28,
    start: Annotated[str, typer.Option(help="The first day (YYYY-MM-DD), instead of counting back.")] = "",
    seed: Annotated[int, typer.Option(help="One world per seed: same numbers, same viewers, same events.")] = 1,
    invent_titles: Annotated[int, typer.Option(help="So many invented titles instead of the catalogue's.")] = 0,
    messy: Annotated[bool, typer.Option(help="With duplicates, late events and wrong clocks.")] = False,
) -> None:
    """Let simulated viewers watch, and write what they did into the lake. They are marked as simulated everywhere."""
    from marquee.viewing.pipeline import simulating
    from marquee.viewing.simulation.spec import MESSY, Mess, Spec

    spec = Spec(
        viewers=viewers,
        start=_day(start) if start else date.today() - timedelta(days=days),
        days=days,
        seed=seed,
        titles=invent_titles or 1,
        mess=MESSY if messy else Mess(),
    )
    shipped = simulating.simulate(spec, invent_titles=bool(invent_titles))
    typer.echo(f"simulated: {', '.join(f'{rows} {table}' for table, rows in shipped.rows.items())}")


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
    """Move acknowledged events into the lake now, as `ship_events` does every hour."""
    from marquee.viewing.pipeline import shipping

    shipped = shipping.ship()
    told = ", ".join(f"{rows} {table}" for table, rows in shipped.rows.items()) if shipped else "no events"
    typer.echo(f"shipped: {told}")


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
def forget(profile: Annotated[int, typer.Argument(help="The profile's id.")]) -> None:
    """Delete a viewer: at once from the catalogue, at the next run from lake, marts, features and recommendations."""
    from marquee.viewing.pipeline import deletion

    deletion.forget(profile)
    typer.echo("deleted; the next run of viewing_marts takes it out of the lake")


def _quiet() -> None:
    """Warnings alone in the log of a command that tells its own progress."""
    logging.configure(level=WARNING, json=settings().log_json)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("not a day", where="--start", expected="YYYY-MM-DD", got=repr(text)) from None


def app() -> None:
    """The command's entry point: a known error is one sentence on standard error, and exit status 1."""
    logging.configure(json=settings().log_json)
    try:
        cli()
    except MarqueeError as error:
        _fail(error)


def _fail(error: MarqueeError) -> NoReturn:
    typer.secho(f"marquee: {error}", fg="red" if sys.stderr.isatty() else None, err=True)
    raise SystemExit(1)


if __name__ == "__main__":
    app()
