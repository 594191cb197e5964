"""Commands on logs: search and follow them, keep their folders small."""

import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from marquee.cli.application import cli
from marquee.settings import settings

if TYPE_CHECKING:
    from marquee.embedded.log_search.entry import Entry

LINES = 100

Service = Annotated[list[str] | None, typer.Option("--service", help="A service's alone; may stand more than once.")]


@cli.command()
def logs(
    name: Annotated[str, typer.Argument(help="A service, as `status` names it; all by default.")] = "",
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines come.")] = False,
    service: Service = None,
    since: Annotated[str, typer.Option(help="1h, 30m, 2d ago, or a time of ISO 8601.")] = "",
    until: Annotated[str, typer.Option(help="Likewise.")] = "",
    trace: Annotated[str, typer.Option(help="What belongs to a trace id, as problems of the API tell it.")] = "",
    level: Annotated[str, typer.Option(help="debug, info, warning, error, critical: this one and worse.")] = "",
    grep: Annotated[str, typer.Option(help="Lines with this text.")] = "",
    json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="The last so many; 0: all that is found.")] = 0,
) -> None:
    """Logs of all services, tasks and edges of this machine, in order of time."""
    from collections import deque

    from marquee.embedded.log_search import levels, search, times
    from marquee.embedded.log_search.follow import INTERVAL_S, Follower
    from marquee.embedded.log_search.query import EVER, Query
    from marquee.embedded.log_search.sources import sources

    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `marquee logs | head` ends quietly
    wanted = tuple(filter(None, (name, *(service or ()))))
    query = Query(
        since=times.moment(since, "--since") if since else 0.0,
        until=times.moment(until, "--until") if until else EVER,
        level=levels.known(level) if level else "",
        trace=trace,
        text=grep,
    )
    s = settings()
    follower = Follower(lambda: sources(s, wanted))
    follower.begin()
    if query == Query():
        _print(search.latest(follower.found, lines or LINES), json=json)
    elif since or not follow:
        entries = search.search(follower.found, query)
        _print(deque(entries, lines) if lines else entries, json=json)
    while follow:
        _print(follower.entries(query), json=json)
        time.sleep(INTERVAL_S)


def _print(entries: "Iterable[Entry]", *, json: bool) -> None:
    for entry in entries:
        sys.stdout.write(f"{entry.json() if json else entry.text()}\n")
    sys.stdout.flush()


@cli.command("prune-logs")
def prune_logs(
    folders: Annotated[list[Path] | None, typer.Argument(help="By default that of this machine's tasks.")] = None,
    *,
    every: Annotated[float, typer.Option(min=0, help="Again after so many seconds, for ever; 0: once.")] = 0,
) -> None:
    """Remove logs of Airflow's tasks that are too old or too many."""
    from marquee.embedded import log_retention
    from marquee.logs import log

    s = settings()
    kept = [log_retention.Kept(folder, s.log_mb, s.log_days) for folder in folders or ()]
    while True:
        for each in kept or log_retention.of_machine(s):
            if (gone := log_retention.prune(each)).files:
                log.info("logs removed", folder=str(each.folder), files=gone.files, bytes=gone.bytes)
        if not every:
            return
        time.sleep(every)
