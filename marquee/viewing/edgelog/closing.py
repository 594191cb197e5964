"""Closes the files of the edges' logs whose time is over, so that they can be shipped.

nginx opens a file by its name for (almost) every line, and the name is that of the 100 seconds in which the line is
written. A file whose 100 seconds are over by more than `LATE_S` is written to by no one; it is renamed, which no edge
has to know of. A line that comes even later makes a new file of the old name, which is closed the next time.
"""

from itertools import count
from pathlib import Path

from marquee.logs import log
from marquee.storage import sync

SLOT_S = 100
LATE_S = 30  # clocks of edges may be behind ours, and a worker may hold a file open for some seconds
OPEN, CLOSED = ".open", ".ndjson"


def close_slots(root: Path, now: float) -> None:
    """Close what is over at a Unix time."""
    for folder in sorted({path.parent for path in root.glob(f"*/*{OPEN}")}):
        for path in sorted(folder.glob(f"*{OPEN}")):
            if not path.stem.isdecimal():
                log.warning("not a file of an edge's log", file=str(path))
            elif (int(path.stem) + 1) * SLOT_S + LATE_S < now:
                path.rename(_free(path))
        sync(folder)


def _free(path: Path) -> Path:
    """A name for a closed file that no other has."""
    names = (path.with_name(f"{path.stem}-{n}{CLOSED}") for n in count())
    return next(name for name in names if not name.exists())
