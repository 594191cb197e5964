"""The edges' logs as a kind of log that is shipped: every line becomes a row or a dead letter."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marquee.contracts.ids import created_ms
from marquee.contracts.lake import DEAD_LETTERS, EDGE_REQUESTS, FILED, Table
from marquee.logs import log
from marquee.viewing import lake
from marquee.viewing.edgelog.closing import close_slots
from marquee.viewing.edgelog.lines import parse

if TYPE_CHECKING:
    import pyarrow as pa

MAX_BODY = 4_000  # characters of a bad line that are kept
Row = dict[str, Any]
Viewers = Callable[[Collection[int]], Mapping[int, Row]]


@dataclass(frozen=True)
class EdgeLog:
    """What edges have logged. `viewers` gives, by session id, the row's columns that say whose session it is.

    A session that it does not know was a deleted viewer's: its requests are kept, and no longer name it.
    """

    viewers: Viewers
    now: Callable[[], float] = time.time
    name: str = "edges"

    def close(self, root: Path) -> None:
        """Close the files whose time is over."""
        close_slots(root, self.now())

    def read(self, files: Iterable[Path]) -> Iterator[tuple[Table, "pa.Table"]]:
        """The rows in closed files, and the lines that cannot be read as dead letters: together, as many as lines."""
        import pyarrow as pa

        rows: list[Row] = []
        letters: list[Row] = []
        for file in files:
            written_ms = file.stat().st_mtime_ns // 1_000_000
            for line in file.read_bytes().splitlines():
                try:
                    rows.append(parse(line))
                except ValueError as error:
                    letters.append(_letter(line, str(error), written_ms))
        if letters:
            log.error("bad lines in an edge's log", lines=len(letters), first=letters[0]["reason"])
        self._link(rows)
        wanted = lake.schema(EDGE_REQUESTS).append(pa.field(FILED, pa.int64()))
        yield EDGE_REQUESTS, pa.Table.from_pylist(rows, wanted)
        yield DEAD_LETTERS, pa.Table.from_pylist(letters, lake.schema(DEAD_LETTERS))

    def clear(self, root: Path, bin_: Path) -> None:
        """Nothing: the folders belong to the edges."""

    def _link(self, rows: list[Row]) -> None:
        """Say of each row whose it is, and when its session began: that decides where it is filed, whoever is left."""
        known = self.viewers({row["session_id"] for row in rows} - {0})
        for row in rows:
            session = row["session_id"]
            row[FILED] = created_ms(session) if session else row["at_ms"]
            row |= known.get(session) or {"session_id": None}


def _letter(line: bytes, reason: str, received_ms: int) -> Row:
    body = line.decode(errors="replace")[:MAX_BODY]
    return {"received_ms": received_ms, "field": "edge log", "reason": reason[:400], "body": body}
