"""Commands for operators: the forensic watermark of a capture. What they print is for operators alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from marquee.cli.application import cli, quiet
from marquee.contracts.errors import InvalidInput

if TYPE_CHECKING:
    from marquee.content.media.watermark.reader import Readings

watermark = typer.Typer(no_args_is_help=True, help="Tell from a capture which playback session it was made from.")
cli.add_typer(watermark, name="watermark")

Capture = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A video file, cropped or encoded anew.")]
ReleaseId = Annotated[int, typer.Option("--release", help="The release it shows, as `marquee show` names it.")]
Start = Annotated[float, typer.Option(min=0, help="Seconds of the capture to leave out.")]
Seconds = Annotated[float, typer.Option(min=10, max=7200, help="Seconds of it to read.")]


@watermark.command()
def read(
    capture: Capture,
    release: ReleaseId,
    start: Start = 0,
    seconds: Seconds = 600,
    output: Annotated[Path | None, typer.Option(help="Keep what was read, for `find`.")] = None,
) -> None:
    """What each segment shows: A or B, and how clearly."""
    quiet()
    found = _read(capture, release, start, seconds)
    shown = ", ".join(f"{side:.1%}" for side in found.area)
    typer.echo(f"begins at {found.begins_s:.2f} s; shows {shown} of the picture (left, top, right, bottom)")
    for each in found.segments:
        typer.echo(f"segment {each.segment + 1:>5}  {'A' if each.value > 0 else 'B'}  {abs(each.value):.1f} sigma")
    if output:
        output.write_text(found.model_dump_json(indent=1) + "\n")


@watermark.command()
def find(capture: Capture, release: ReleaseId, start: Start = 0, seconds: Seconds = 600) -> None:
    """The sessions that a capture, or what `read` has kept of it, was made from.

    `named` are those that an innocent session would be among with a chance of less than one in a million, however many
    sessions there are. Two named ones have mixed their copies.
    """
    from marquee.content.media.watermark.reader import Readings
    from marquee.content.pipeline import watermarks

    quiet()
    kept = capture.suffix == ".json"
    found = Readings.model_validate_json(capture.read_text()) if kept else _read(capture, release, start, seconds)
    for each in watermarks.find(release, found):
        what = each.suspect
        whose = f"account {each.account_id}" if each.account_id is not None else f"preview by {each.staff}"
        verdict = "named    " if what.named else "not sure "
        agrees = f"{what.agrees} of {what.read} segments agree"
        typer.echo(f"{verdict} session {what.session_id}  {whose}  {agrees}, chance of an innocent {what.chance:.1e}")


def _read(capture: Path, release: int, start: float, seconds: float) -> "Readings":
    from marquee.content.pipeline import watermarks

    with typer.progressbar(length=100, label="reading", file=typer.get_text_stream("stderr")) as bar:

        def on_progress(part: float) -> None:
            bar.update(round(100 * part) - bar.pos)

        found = watermarks.read(release, capture, start_s=start, seconds=seconds, on_progress=on_progress)
    if not found.segments:
        raise InvalidInput("no segment was read", where=str(capture), expected="a longer part of the film")
    return found
