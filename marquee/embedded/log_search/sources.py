"""Which files of this machine are logs, and whose."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from marquee.contracts.errors import NotFound
from marquee.settings import Settings

TASKS = "airflow-tasks"
FILE = re.compile(r"(?P<service>.+)\.log(?:\.(?P<age>\d+))?")
SLOT = re.compile(r"\d+(?:-\d+)?\.(?:open|ndjson)")


@dataclass(frozen=True)
class Source:
    """Files of a service. In a `chain`, each goes on where the one before it ends; others have nothing in common."""

    service: str
    paths: tuple[Path, ...]
    chain: bool = True


def sources(s: Settings, wanted: tuple[str, ...] = ()) -> list[Source]:
    """All that logs, or the services of these names. Raises NotFound for one that has no log."""
    found = [*_services(s.home / "logs"), _tasks(s.home), *_edges(s.edge_log)]
    names = sorted({source.service for source in found})
    if unknown := sorted(set(wanted) - set(names)):
        raise NotFound("no log of this service", where=", ".join(unknown), expected=", ".join(names))
    return [source for source in found if source.service in (wanted or names)]


def _services(folder: Path) -> list[Source]:
    """What the supervisor writes: <service>.log, the lines before it in .1, and those before in .2."""
    found: dict[str, list[tuple[int, Path]]] = defaultdict(list)
    for path in folder.glob("*.log*"):
        if parts := FILE.fullmatch(path.name):
            found[parts["service"]].append((-int(parts["age"] or 0), path))
    return [Source(name, tuple(path for _, path in sorted(aged))) for name, aged in sorted(found.items())]


def _tasks(home: Path) -> Source:
    """Airflow has a file for each attempt of a task."""
    return Source(TASKS, tuple((home / "logs" / "airflow").rglob("*.log")), chain=False)


def _edges(folder: Path) -> list[Source]:
    """What edges have served and is not shipped yet, in files of 100 seconds that are named by the time."""
    edges = sorted(path for path in folder.glob("*") if path.is_dir())
    return [Source(edge.name, tuple(sorted(p for p in edge.iterdir() if SLOT.fullmatch(p.name)))) for edge in edges]
