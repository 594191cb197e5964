"""Files of the event log, `<log>/<writer>/NNNNNN.ndjson`, and who owns them.

A segment that is still written to is called NNNNNN.open. A live writer holds a lock on its folder's `lock`, so whoever
gets that lock knows that the writer is dead; touching the file asks a live one to close its segment.
"""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

OPEN, CLOSED, LOCK = ".open", ".ndjson", "lock"


def writers(root: Path) -> list[Path]:
    """The folders of all writers, alive or not. One that is only being made has a hidden name."""
    folders = sorted(root.iterdir()) if root.is_dir() else []
    return [folder for folder in folders if folder.name[0] not in "._" and folder.is_dir()]


def closed(root: Path) -> list[Path]:
    """The closed segments of all writers, each writer's in the order in which it wrote them."""
    found = [path for folder in writers(root) for path in folder.glob(f"*{CLOSED}")]
    return sorted(found, key=lambda path: (path.parent, len(path.name), path.name))  # a number may outgrow its zeros


def batches(segments: Sequence[Path], most_bytes: int) -> Iterator[list[Path]]:
    """Segments in their order, some at a time: each batch ends with the one that fills it."""
    batch: list[Path] = []
    held = 0
    for segment in segments:
        batch.append(segment)
        held += segment.stat().st_size
        if held >= most_bytes:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def whole_lines(segment: Path) -> bytes:
    """The content up to the last end of a line: what follows was torn off by a kill, before it was acknowledged."""
    content = segment.read_bytes()
    return content[: content.rfind(b"\n") + 1]


@contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[bool]:
    """Whether the lock on a file was got; held until the block ends."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
