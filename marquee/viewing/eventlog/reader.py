"""Lists what the event log holds that is not shipped yet."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from marquee.viewing.eventlog.files import CLOSED, OPEN, whole_lines, writers
from marquee.viewing.eventlog.lines import parse


def unshipped(root: Path) -> Iterator[dict[str, Any]]:
    """Every whole line of the log: its columns and its `table`, writer by writer in the order of arrival.

    Of a live writer this may see lines that are about to be acknowledged.
    """
    for folder in writers(root):
        for segment in sorted(path for path in folder.iterdir() if path.suffix in {OPEN, CLOSED}):
            for line in _content(segment).splitlines():
                if row := parse(line):
                    yield row


def _content(segment: Path) -> bytes:
    """Empty when the segment has been shipped in the meantime."""
    for path in (segment, segment.with_suffix(CLOSED)):  # it may just have been closed
        with suppress(FileNotFoundError):
            return whole_lines(path)
    return b""
