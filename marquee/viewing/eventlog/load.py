"""Converts segments into the lake's files."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from marquee.contracts.ids import EPOCH_MS, SEQUENCE_BITS, WORKER_BITS
from marquee.contracts.lake import FILED, Table, partition_of
from marquee.contracts.shipment import Shipment
from marquee.viewing import lake
from marquee.viewing.eventlog.kinds import Kind

if TYPE_CHECKING:
    import pyarrow as pa

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


class Load:
    """What one plan puts into the lake: files named `<plan>-<batch>.parquet`, at most one per partition and batch."""

    def __init__(self, kind: Kind, plan: str, deleted: Container[int]) -> None:
        self._kind, self._plan, self._forgotten = kind, plan, deleted
        self._batches = 0
        self._rows: Counter[str] = Counter()
        self._days: dict[str, set[str]] = {}
        self.files: list[str] = []

    def add(self, segments: Iterable[Path]) -> None:
        """Write the next batch. The same segments give the same files, whatever was written before."""
        self._batches += 1
        for table, rows in self._kind.read(segments):
            for partition, part in _partitions(table, rows):
                self._write(table, partition, part)

    def shipment(self, id_: str) -> Shipment:
        """The manifest of all batches."""
        days = {table: tuple(sorted(found)) for table, found in self._days.items()}
        return Shipment(id=id_, source=self._kind.name, files=tuple(self.files), rows=dict(self._rows), partitions=days)

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


def _partitions(table: Table, rows: "pa.Table") -> Iterator[tuple[dict[str, str], "pa.Table"]]:
    """The rows of a table by partition, in the order of the key, so that a file does not depend on arrival."""
    import pyarrow.compute as pc

    length_ms = HOUR_MS if "hour" in table.partitions else DAY_MS
    slots = pc.divide(_age_ms(table, rows), length_ms)
    order = [*(table.key or ("received_ms", "field", "reason", "body")), "received_ms"]
    for slot in sorted(pc.unique(slots).to_pylist()):
        first_id = slot * length_ms << (WORKER_BITS + SEQUENCE_BITS)
        dt, hour = partition_of(first_id)
        part = rows.filter(pc.equal(slots, slot)).select(list(table.columns))
        part = part.sort_by([(column, "ascending") for column in dict.fromkeys(order) if column in table.columns])
        yield ({"dt": dt, "hour": hour} if "hour" in table.partitions else {"dt": dt}), part


def _age_ms(table: Table, rows: "pa.Table") -> "pa.ChunkedArray":
    """Milliseconds from the beginning of all ids to the moment by which each row is filed."""
    import pyarrow.compute as pc

    if FILED in rows.column_names:
        return pc.subtract(rows[FILED], EPOCH_MS)
    if table.key:
        return pc.shift_right(rows[table.key[0]], WORKER_BITS + SEQUENCE_BITS)
    return pc.subtract(rows["received_ms"], EPOCH_MS)
