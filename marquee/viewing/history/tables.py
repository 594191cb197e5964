"""Reads tables in batches: columns by role, as strings, with the line of each row."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from marquee.contracts.errors import InvalidInput
from marquee.viewing.history.layout import Part

BATCH = 200_000  # rows
ROLES = {  # role to the names its column is known by, without case, spaces and underscores
    "user": ("user", "userid", "viewer", "viewerid", "profile", "profileid", "account", "accountid", "customerid"),
    "item": ("item", "itemid", "movie", "movieid", "title", "titleid", "video", "videoid", "contentid"),
    "timestamp": ("timestamp", "time", "ts", "at", "atms", "timestampms", "date", "watchedat", "eventtime"),
    "rating": ("rating", "stars", "score"),
    "seconds": ("seconds", "watcheds", "watchedseconds", "watchseconds", "secondswatched", "watchtime"),
}


@dataclass(frozen=True)
class Batch:
    """Some rows: `fields[n]` belongs to column n, None where nothing is; `short` are lines with too few fields."""

    lines: list[int]
    rows: list[list[str | None]]
    short: list[tuple[int, str]]


def header(part: Part) -> tuple[str, ...]:
    """The names of a table's columns. Raises InvalidInput for a file that is empty or not what its name says."""
    if part.header:
        return part.header
    if part.separator is None:
        return tuple(_parquet(part.path).schema_arrow.names)
    with _text(part.path) as file:
        first = next(_split(file, part.separator), None)
    if not first:
        raise InvalidInput("an empty file", where=str(part.path), expected="a line of column names")
    return tuple(name.strip() for name in first)


def column(part: Part, role: str, wanted: Mapping[str, str]) -> int | None:
    """The place of the column for a role: the one that was named, else one known by its name; None where none is.

    Raises InvalidInput when the named one is not there.
    """
    names = header(part)
    if role in wanted:
        if wanted[role] in names:
            return names.index(wanted[role])
        raise InvalidInput(f"no such column for {role}", where=str(part.path), expected=_list(names), got=wanted[role])
    plain = [name.lower().replace("_", "").replace(" ", "") for name in names]
    return next((plain.index(alias) for alias in ROLES[role] if alias in plain), None)


def needed(part: Part, role: str, wanted: Mapping[str, str]) -> int:
    """As `column`. Raises InvalidInput where there is none."""
    place = column(part, role, wanted)
    if place is None:
        expected = f"a column named {' or '.join(ROLES[role][:3])}, or the name of the one that is meant"
        raise InvalidInput(f"no column for {role}", where=str(part.path), expected=expected, got=_list(header(part)))
    return place


def batches(part: Part, size: int = BATCH) -> Iterator[Batch]:
    """All rows of a table; lines count from 1 with the header, rows of Parquet from 1."""
    if part.separator is None:
        yield from _parquet_batches(part, size)
        return
    width = len(header(part))
    with _text(part.path) as file:
        numbered = _numbered(file, part.separator)
        if not part.header:
            next(numbered, None)
        while taken := list(islice(numbered, size)):
            whole = [(line, fields) for line, fields in taken if len(fields) == width]
            odd = f"expected {width} fields, got "
            short = [(line, f"{odd}{len(fields)}") for line, fields in taken if len(fields) != width]
            yield Batch([line for line, _ in whole], [_blank(fields) for _, fields in whole], short)


def _blank(fields: list[str]) -> list[str | None]:
    return [field.strip() or None for field in fields]


def _numbered(file: TextIO, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, with the number of the line on which each ends."""
    if len(separator) == 1 and separator not in "|\t":
        reader = csv.reader(file, delimiter=separator)
        for fields in reader:
            if fields:
                yield reader.line_num, fields
        return
    for number, line in enumerate(file, start=1):
        if stripped := line.rstrip("\r\n"):
            yield number, stripped.split(separator)


def _split(file: TextIO, separator: str) -> Iterator[list[str]]:
    return (fields for _, fields in _numbered(file, separator))


def _text(path: Path) -> TextIO:
    """Open as UTF-8, or as Latin-1 where it is not that, as MovieLens' older files are."""
    try:
        with path.open(encoding="utf-8") as file:
            while file.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return path.open(encoding="latin-1", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _parquet(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise InvalidInput("not a Parquet file", where=str(path), got=str(error).splitlines()[0]) from None


def _parquet_batches(part: Part, size: int) -> Iterator[Batch]:
    line = 1
    for batch in _parquet(part.path).iter_batches(size):
        columns = [_strings(values) for values in batch.columns]
        rows = [list(fields) for fields in zip(*columns, strict=True)]
        yield Batch(list(range(line, line + len(rows))), rows, [])
        line += len(rows)


def _strings(values: Any) -> list[str | None]:
    import pyarrow as pa

    if pa.types.is_list(values.type):
        return [None if one is None else "|".join(map(str, one)) for one in values.to_pylist()]
    strings: list[str | None] = values.cast(pa.string()).to_pylist()
    return strings


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names)
