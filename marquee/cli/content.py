"""Commands for content ops: deliver, publish, look at and roll back titles."""

import os
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from marquee.cli.application import cli, quiet
from marquee.contracts.artwork import OWN_RELEASE
from marquee.contracts.errors import InvalidInput, NotFound
from marquee.contracts.plan import DrmScheme
from marquee.settings import settings

if TYPE_CHECKING:
    from marquee.content.pipeline.scrubbing import Scrubbing
    from marquee.contracts.integrity import ReplicaFinding


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
def purge(
    title: Annotated[str, typer.Argument(help="The title's slug.")],
    release: Annotated[int | None, typer.Option(help="One of its releases; all by default.")] = None,
) -> None:
    """Take a title out of the caches of all shields and edges."""
    from marquee.content.pipeline import releasing

    for report in releasing.purge(title, release):
        typer.echo(f"{report.cache}: {_what(report.release_id)}, {report.dropped} of {report.files} files were there")


@cli.command()
def scrub(title: Annotated[str, typer.Argument(help="The title's slug.")]) -> None:
    """Compare all replicas of a title's releases with their checksums, and repair what is wrong."""
    from marquee.content.pipeline import releasing

    for release_id, repaired in releasing.scrub(title).items():
        for region, paths in repaired.items():
            typer.echo(f"{_what(release_id)}, {region}: {len(paths)} files repaired")


@cli.command()
def scrub_due(
    minutes: Annotated[int, typer.Option(min=1, help="No release is begun after so many.")] = 180,
) -> None:
    """Compare and repair the replicas that are due, the suspected first: what the DAG Origin scrub does."""
    from marquee.content.pipeline import scrubbing

    quiet()
    told = scrubbing.scrub_due(most_seconds=minutes * 60, say=lambda each: typer.echo(_scrubbed(each), err=True))
    for finding in (finding for each in told for finding in each.findings):
        typer.echo(_found(finding))
    raise typer.Exit(int(any(each.failed for each in told)))


def _scrubbed(each: "Scrubbing") -> str:
    state = each.failed or ("repaired" if each.findings else "whole")
    return f"{each.slug}, {_what(each.release_id)}: {state}" + (f" (suspected: {each.why})" if each.why else "")


def _found(each: "ReplicaFinding") -> str:
    faults = ", ".join(f"{count} {fault}" for fault, count in each.found.items())
    lost = f", {len(each.lost)} without a good copy anywhere" if each.lost else ""
    return f"{_what(each.release_id)}, {each.region}: {faults}; {each.repaired} repaired{lost}"


@cli.command()
def scrub_report(days: Annotated[int, typer.Option(min=1, help="Of so many days.")] = 30) -> None:
    """What scrubbing has found in replicas, the newest first."""
    from marquee.catalogue import integrity
    from marquee.catalogue.database import begin
    from marquee.catalogue.models import now

    with begin() as session:
        found = integrity.findings(session, now() - timedelta(days=days))
    for each in found:
        typer.echo(f"{each.at:%Y-%m-%d %H:%M}  {_found(each)}")


@cli.command()
def verify(
    release: Annotated[str, typer.Argument(help="A title's slug, for what its viewers get; or the id of a release.")],
    *,
    play: Annotated[bool, typer.Option("--play", help="Play each track in Chromium, too.")] = False,
) -> None:
    """Check a release from its replicas: signature, checksums, grid, manifests, decryption, and playing if wanted."""
    from marquee.content.pipeline import verifying

    quiet()
    done = verifying.verify(
        verifying.chosen(release),
        play=play,
        say=lambda each: typer.echo(f"{each.what:<45} {each.wrong or 'right'}"),
    )
    raise typer.Exit(int(any(each.wrong for each in done)))


def _what(release_id: int) -> str:
    return f"release {release_id}" if release_id != OWN_RELEASE else "own pictures"


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


@cli.command()
def import_titles(
    source: Annotated[Path, typer.Argument(help="A folder of films and series, or a CSV file that lists titles.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be taken, and take nothing.")] = False,
    language: Annotated[str, typer.Option(help="The language of names and texts.")] = "en",
    at_most: Annotated[int | None, typer.Option(min=1, help="Take so many titles, and the rest another time.")] = None,
) -> None:
    """Put many titles into the inbox. Interrupt it at any time and run it again: nothing is delivered twice."""
    from marquee.content.pipeline import imports
    from marquee.content.pipeline.imports import Line

    def say(line: Line) -> None:
        what = ("would be taken" if dry_run else "taken") if line.taken else "not taken"
        typer.echo("  ".join(part for part in (f"{what:<14}", line.slug, line.source, line.reason) if part))

    if dry_run:
        report = imports.dry_run(source, language=language)
        for line in report.lines:
            say(line)
    else:
        report = imports.run(source, language=language, at_most=at_most, say=say)
    size = sum(line.size for line in report.taken)
    typer.echo(f"{len(report.taken)} of {len(report.lines)} taken, {size / 1e9:.2f} GB")


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
        measured = f"{v.frames:>6} frames {kbps:>6.0f} kb/s, peak {peak:.0f}  VMAF {v.vmaf_mean}"
        typer.echo(f"  {v.codec:<5} {v.quality:<6} {size:<10} {measured}")
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
    scheme: Annotated[DrmScheme, typer.Option(help="How it is encrypted.")] = DrmScheme.CBCS,
) -> None:
    """Carry one delivery to the edges in this process, without Airflow. QC's warnings are waived by whoever runs it."""
    from marquee.content.pipeline.inline import carry

    shown = carry(delivery, ladder=ladder, scheme=scheme, actor=f"cli:{os.environ.get('USER', 'unknown')}")
    typer.echo(f"{shown.slug}: release {shown.release_id} is shown, {settings().api_url}/watch/{shown.title_id}")


@cli.command()
def demo_films(films: Annotated[int | None, typer.Option(help="How many; all by default.")] = None) -> None:
    """Make the demo's short films and publish them in this process, so that there is something to choose from."""
    from marquee.demo import films as short_films

    quiet()
    typer.echo(f"{short_films.publish_all(typer.echo, films)} films made")


@cli.command()
def collections() -> None:
    """List the collections of titles, open or not."""
    from marquee.catalogue import collections as kept
    from marquee.catalogue.database import begin

    with begin() as session:
        for each in kept.listed(session):
            typer.echo(f"{each.slug}: {each.texts[each.original_language].name}, {len(each.titles)} titles")


@cli.command()
def put_collection(file: Annotated[Path, typer.Argument(help="YAML: slug, texts, titles, start, end.")]) -> None:
    """Make a collection of titles, or change the one of its slug."""
    import yaml

    from marquee.catalogue import collections as kept
    from marquee.catalogue.database import begin
    from marquee.contracts.collection import Collection

    wanted = Collection.model_validate(yaml.safe_load(file.read_text()))
    with begin() as session:
        kept.put(session, wanted)
    typer.echo(f"{wanted.slug}: {len(wanted.titles)} titles")


@cli.command()
def remove_collection(slug: Annotated[str, typer.Argument(help="The collection's slug.")]) -> None:
    """Take a collection away; its titles stay."""
    from marquee.catalogue import collections as kept
    from marquee.catalogue.database import begin

    with begin() as session:
        kept.remove(session, slug)
    typer.echo(f"{slug}: removed")


@cli.command()
def search_misses(
    days: Annotated[int, typer.Option(help="Of so many days, today included.")] = 30,
    territory: Annotated[str | None, typer.Option(help="Two letters; all by default.")] = None,
) -> None:
    """List what several viewers searched and did not find, the most frequent first."""
    from marquee.catalogue import search
    from marquee.catalogue.database import begin

    with begin() as session:
        for each in search.misses(session, date.today() - timedelta(days=days - 1), territory=territory):
            typer.echo(f"{each.times:6} {each.query} (by {each.askers} people or more, last on {each.last})")
