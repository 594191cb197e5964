"""Commands for content ops: what people call false among QC's findings."""

from typing import Annotated

import typer

from marquee.cli.application import cli

qc = typer.Typer(no_args_is_help=True, help="See how right quality control is.")
cli.add_typer(qc, name="qc")


@qc.command()
def marks(
    profile: Annotated[str, typer.Option(help="Of this QC profile alone.")] = "",
    latest: Annotated[int, typer.Option(min=0, max=1000, help="List so many of the newest marks too.")] = 0,
) -> None:
    """Findings by check, and how many of them people call false: by this, thresholds in profiles.yaml are tuned."""
    from marquee.catalogue import qc_marks
    from marquee.catalogue.database import begin
    from marquee.content.pipeline import quality_marks

    counts = quality_marks.summary(profile)
    for each in counts:
        typer.echo(f"{each.check:<24} {each.found:>6} found {each.false:>6} false {100 * each.share:>6.1f} %")
    if not counts:
        typer.echo("no findings")
    with begin() as session:
        for mark in qc_marks.latest(session, latest):
            at = "" if mark.start_s is None else f" at {mark.start_s:.2f} s"
            typer.echo(
                f"{mark.marked_at:%Y-%m-%d %H:%M}  {mark.check}{at}, {mark.got}  {mark.marked_by}: {mark.reason}"
            )
