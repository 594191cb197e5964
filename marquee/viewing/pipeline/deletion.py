"""Deletes a viewer: from the catalogue at once, from all derived data at the next run."""

import io
from collections.abc import Iterator

from marquee.catalogue import profiles
from marquee.catalogue.database import begin
from marquee.contracts.lake import STREAMED, TABLES
from marquee.contracts.shipment import Shipment
from marquee.logs import log
from marquee.viewing import lake
from marquee.viewing.pipeline import books

COLUMNS = ("profile_id", "account_id")  # a simulated viewer's account has the id of its one profile
FEATURES = "features"  # which profile is which row of a model


def delete_profile(profile_id: int) -> None:
    """Delete a profile and all that belongs to it in the catalogue, and note that the lake still names it.

    Raises NotFound when there is no such profile.
    """
    with begin() as session:
        profiles.delete_profile(session, profiles.account_of(session, profile_id), profile_id)


def scrub_again() -> None:
    """Have the next scrub look for everybody who was ever deleted: what was just written may name them again."""
    with begin() as session:
        profiles.mark_unscrubbed(session)


def scrub() -> Shipment | None:
    """Take deleted profiles out of every file of the lake; what is derived from these files is due anew.

    Returns None when there was nothing to remove. What accounts pay comes anew from the catalogue, which has it under
    another id by then. Each file is replaced whole, so a kill leaves nothing half done, and a profile counts as
    scrubbed only once all files are.
    """
    with begin() as session:
        waiting = profiles.unscrubbed(session)
        if not waiting:
            return None
        books.write(session)
    files = list(_holding(waiting))
    shipment = _commit(files)  # before the files change: what a killed run has changed already is due all the same
    for n, key in enumerate(files, start=1):
        _rewrite(key, waiting)
        log.info("scrub", file=key, done=n, of=len(files))
    with begin() as session:
        profiles.mark_scrubbed(session, waiting)
    log.info("scrubbed", profiles=len(waiting), files=len(shipment.files))
    return shipment


def _holding(deleted: frozenset[int]) -> Iterator[str]:
    """The files of the lake that hold one of the profiles."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    store = lake.store()
    for key in store.keys(""):
        if not key.endswith(".parquet") or key.split("/", 1)[0] not in {*TABLES, FEATURES}:
            continue
        file = pq.ParquetFile(io.BytesIO(store.read(key)))
        if column := _column(file.schema_arrow.names):
            held = file.read([column])[column]
            if pc.any(pc.is_in(held, pa.array(sorted(deleted), pa.int64()))).as_py():
                yield key


def _column(names: list[str]) -> str:
    """The column by which a file names viewers; empty where it names none."""
    return next((name for name in COLUMNS if name in names), "")


def _rewrite(key: str, deleted: frozenset[int]) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    store, buffer = lake.store(), io.BytesIO()
    rows = pq.ParquetFile(io.BytesIO(store.read(key))).read()
    named = rows[_column(rows.column_names)]
    kept = rows.filter(pc.invert(pc.is_in(named, pa.array(sorted(deleted), pa.int64()))))
    pq.write_table(kept, buffer, compression="zstd")
    store.write(key, buffer.getvalue())


def _commit(files: list[str]) -> Shipment:
    touched = {
        table.name: tuple(sorted({_day(key) for key in files if key.startswith(f"{table.name}/")}))
        for table in STREAMED
    }
    shipment = Shipment(id=lake.shipment_id("scrub"), source="scrub", files=tuple(files), rows={}, partitions=touched)
    lake.commit(shipment)
    return shipment


def _day(key: str) -> str:
    """The day in a key's path, e.g. of `events/dt=2026-01-31/hour=07/log.parquet`."""
    return next(part.removeprefix("dt=") for part in key.split("/") if part.startswith("dt="))
