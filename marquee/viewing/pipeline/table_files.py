"""Files of the catalogue's snapshot in the lake, made from a query block by block."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func
from sqlalchemy.orm import InstrumentedAttribute, Session

from marquee.contracts.lake import Table
from marquee.storage import file_sha256
from marquee.viewing import lake

SOURCE, NAME = "catalogue", "snapshot.parquet"
BLOCK = 10_000  # rows in memory at a time


@dataclass(frozen=True)
class TableFile:
    """A table's new file, not yet in the lake."""

    table: Table
    file: Path
    rows: int

    @property
    def key(self) -> str:
        """Where it goes."""
        return lake.key(self.table, NAME, source=SOURCE)

    @property
    def differs(self) -> bool:
        """Whether the lake has another one, or none."""
        store = lake.store()
        return not store.exists(self.key) or store.sha256(self.key) != file_sha256(self.file)


def make(session: Session, folder: Path, table: Table, query: Select[Any]) -> TableFile:
    """Write what a query finds, whose columns are named as the table's, into a file of a local folder."""
    file = folder / f"{table.name}.parquet"
    return TableFile(table, file, lake.write_blocks(table, file, _blocks(session, query)))


def ms(moment: InstrumentedAttribute[Any] | ColumnElement[Any], name: str) -> Any:
    """A time in Unix milliseconds, as a column of that name."""
    return cast(func.floor(func.extract("epoch", moment) * 1000), BigInteger).label(name)


def _blocks(session: Session, query: Select[Any]) -> Iterator[list[dict[str, Any]]]:
    found = session.execute(query.execution_options(yield_per=BLOCK))
    for block in found.mappings().partitions():
        yield [dict(row) for row in block]
