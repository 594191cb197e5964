"""The event log of the API's processes, as a kind of log that is shipped."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from marquee.contracts.ids import EPOCH_MS
from marquee.contracts.lake import BROWSE, DEAD_LETTERS, EDGE_REPORTS, EVENTS, Table
from marquee.logs import log
from marquee.viewing import lake
from marquee.viewing.eventlog.closing import close_segments, remove_if_done
from marquee.viewing.eventlog.files import whole_lines, writers
from marquee.viewing.eventlog.lines import dead_letter_line, parse

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = (EVENTS, BROWSE, EDGE_REPORTS, DEAD_LETTERS)


class EventLog:
    """What the API has acknowledged."""

    name = "log"

    def close(self, root: Path) -> None:
        """Close the segments of all writers."""
        close_segments(root)

    def read(self, segments: Iterable[Path]) -> "Iterator[tuple[Table, pa.Table]]":
        """The rows of segments. What was torn off by a kill is left out: it was never acknowledged."""
        import pyarrow.compute as pc

        rows = _rows(b"".join(whole_lines(segment) for segment in segments))
        for table in TABLES:
            yield table, rows.filter(pc.equal(rows["table"], table.name)).select(list(table.columns))

    def clear(self, root: Path, bin_: Path) -> None:
        """Remove the folders of dead writers that have nothing left."""
        for folder in writers(root):
            remove_if_done(folder, bin_)


def _rows(lines: bytes) -> "pa.Table":
    """The lines as one table with the columns of all tables. Damaged lines become dead letters: none is lost unseen."""
    import pyarrow as pa
    from pyarrow import json

    wanted = pa.schema([("table", pa.string())])
    for table in TABLES:
        known = set(wanted.names)
        wanted = pa.schema([*wanted, *(field for field in lake.schema(table) if field.name not in known)])
    strictly = json.ParseOptions(explicit_schema=wanted, unexpected_field_behavior="error")
    if not lines:
        return wanted.empty_table()
    try:
        return json.read_json(io.BytesIO(lines), parse_options=strictly)
    except pa.ArrowInvalid:
        sound = b"".join(_sound(lines))
        return json.read_json(io.BytesIO(sound), parse_options=strictly)


def _sound(lines: bytes) -> Iterator[bytes]:
    """Lines that can be read, and a dead letter for each that cannot, as if it had come with the line before it."""
    received_ms = EPOCH_MS
    for line in lines.splitlines():
        if row := parse(line):
            received_ms = row["received_ms"]
            yield line + b"\n"
        else:
            log.error("damaged line in the event log", bytes=len(line))
            yield dead_letter_line("line", "damaged on disk", line.decode(errors="replace"), received_ms)
