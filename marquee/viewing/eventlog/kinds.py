"""What a kind of log has to offer so that it can be shipped."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from marquee.contracts.lake import Table

if TYPE_CHECKING:
    import pyarrow as pa


class Kind(Protocol):
    """A kind of log: `<root>/<writer>/<segment>.ndjson`, one line after the other. `name` begins its shipments' ids."""

    @property
    def name(self) -> str: ...

    def close(self, root: Path) -> None:
        """Give segments that are to be shipped their final names."""

    def read(self, segments: Iterable[Path]) -> Iterable[tuple[Table, "pa.Table"]]:
        """The rows of some segments, by table of the lake, each a function of the segments alone.

        Besides the table's columns they may have FILED, which then chooses the partition.
        """

    def clear(self, root: Path, bin_: Path) -> None:
        """Remove what writers that are dead have left. `bin_` is a folder that is free."""
