"""Converts segments into the lake's files."""

import io
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from marquee.contracts.ids import EPOCH_MS, SEQUENCE_BITS, WORKER_BITS
from marquee.contracts.lake import BROWSE, DEAD_LETTERS, EVENTS, Table, partition_of
from marquee.contracts.shipment import Shipment
from marquee.logs import log
from marquee.viewing import lake
from marquee.viewing.eventlog.files import whole_lines
from marquee.viewing.eventlog.lines import dead_letter_line, parse

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = (EVENTS, BROWSE, DEAD_LETTERS)
HOUR_MS, DAY_MS = 3_600_000, 86_400_000


class Load:
    """What one plan puts into the lake: files named `<plan>-<batch>.parquet`, at most one per partition and batch."""

    def __init__(self, plan: str, deleted: Container[int]) -> None:
        self._plan, self._forgotten = plan, deleted
        self._batches = 0
        self._rows: Counter[str] = Counter()
        self._days: dict[str, set[str]] = {}
        self.files: list[str] = []

    def add(self, segments: Iterable[Path]) -> None:
        """Write the next batch. The same segments give the same files, whatever was written before."""
        rows = _rows(b"".join(whole_lines(segment) for segment in segments))
        self._batches += 1
        for table in TABLES:
            for partition, part in _partitions(table, rows):
                self._write(table, partition, part)

    def shipment(self, id_: str) -> Shipment:
        """The manifest of all batches."""
        days = {table: tuple(sorted(found)) for table, found in self._days.items()}
        return Shipment(id=id_, source="log", files=tuple(self.files), rows=dict(self._rows), partitions=days)

    def _write(self, table: Table, partition: dict[str, str], rows: "pa.Table") -> None:
        name = f"{self._plan}-{self._batches:04d}.parquet"
        kept = self._without_forgotten(table, rows)
        _clear(lake.key(table, name, **partition))
        if not kept.num_rows:
            return
        self.files.append(lake.write(table, name, kept, **partition))
        self._rows[table.name] += kept.num_rows
        self._days.setdefault(table.name, set()).add(partition["dt"])

    def _without_forgotten(self, table: Table, rows: "pa.Table") -> "pa.Table":
        import pyarrow as pa
        import pyarrow.compute as pc

        if "profile_id" not in table.columns:
            return rows
        gone = [profile for profile in pc.unique(rows["profile_id"]).to_pylist() if profile in self._forgotten]
        return rows.filter(pc.invert(pc.is_in(rows["profile_id"], pa.array(gone, pa.int64()))))


def _clear(key: str) -> None:
    """Remove what a shipper that was killed has left of a file: whole, it may name a profile deleted since."""
    folder, _, name = key.rpartition("/")
    for there in list(lake.store().keys(folder)):
        if name in there:
            lake.store().delete(there)


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


def _partitions(table: Table, rows: "pa.Table") -> Iterator[tuple[dict[str, str], "pa.Table"]]:
    """The rows of a table by partition, in the order of the key, so that a file does not depend on arrival."""
    import pyarrow.compute as pc

    own = rows.filter(pc.equal(rows["table"], table.name)).select(list(table.columns))
    if table.key:
        age_ms = pc.shift_right(own[table.key[0]], WORKER_BITS + SEQUENCE_BITS)
        order = [*table.key, "received_ms"]
    else:
        age_ms, order = pc.subtract(own["received_ms"], EPOCH_MS), ["received_ms", "field", "reason", "body"]
    length_ms = HOUR_MS if "hour" in table.partitions else DAY_MS
    slots = pc.divide(age_ms, length_ms)
    for slot in sorted(pc.unique(slots).to_pylist()):
        first_id = slot * length_ms << (WORKER_BITS + SEQUENCE_BITS)
        dt, hour = partition_of(first_id)
        part = own.filter(pc.equal(slots, slot)).sort_by([(column, "ascending") for column in order])
        yield ({"dt": dt, "hour": hour} if "hour" in table.partitions else {"dt": dt}), part
