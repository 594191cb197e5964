"""Lines of a file that may be wanted, found by GNU grep: nothing that has to know what it reads is as fast."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from marquee.contracts.errors import Unavailable
from marquee.embedded.log_search.levels import milder
from marquee.embedded.log_search.query import Query

Line = tuple[int, bytes]  # the offset at which it begins, and the line


def lines(path: Path, offset: int, query: Query) -> Iterator[Line]:
    """The lines from an offset on, without those that the query surely leaves out. grep begins at once."""
    return _grepped(path, offset, _command(query)) if query.filters else _every(path, offset)


def _command(query: Query) -> list[str]:
    """A program that gets the file as its standard input: bytes are bytes, and each line has its offset before it."""
    needles = query.needles()
    # Most lines are mild, and say so near their start: leaving them out takes less than looking for the others.
    serious = ["-v", "-E", "-e", milder(query.level)] if query.level else []
    wanted = ["-F", *(word for each in needles for word in ("-e", each))] if needles else serious
    return ["grep", "--text", "--byte-offset", *wanted]


def _grepped(path: Path, offset: int, argv: list[str]) -> Iterator[Line]:
    with path.open("rb") as file:
        os.lseek(file.fileno(), offset, os.SEEK_SET)
        try:
            process = subprocess.Popen(argv, stdin=file, stdout=subprocess.PIPE, env={**os.environ, "LC_ALL": "C"})
        except FileNotFoundError:
            raise Unavailable("GNU grep is not installed", expected="the package grep") from None
    return _read(process, offset)


def _read(process: "subprocess.Popen[bytes]", offset: int) -> Iterator[Line]:
    assert process.stdout  # noqa: S101  it was asked for
    with process.stdout as found:
        for each in found:
            place, _, line = each.partition(b":")
            yield offset + int(place), line
    process.wait()


def _every(path: Path, offset: int) -> Iterator[Line]:
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            yield offset, line
            offset += len(line)
