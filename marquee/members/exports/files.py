"""The files of the copies, behind the storage door, where no edge reads.

A key names account, copy and attempt. So two attempts, of which one was thought dead, never write the same file, and
what no row stands for is found by its name alone.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from marquee.catalogue.models import ExportRow
from marquee.logs import log
from marquee.settings import settings
from marquee.storage import Store

KEY = re.compile(r"(\d+)-(\d+)-(\d+)\.zip")


class Making(NamedTuple):
    """One attempt at one copy."""

    account_id: int
    export_id: int
    attempt: int

    @property
    def key(self) -> str:
        return f"{self.account_id}-{self.export_id}-{self.attempt}.zip"


def store() -> Store:
    """Where the copies lie."""
    return Store(settings().exports)


def making(row: ExportRow) -> Making:
    """The attempt that a row stands for."""
    return Making(row.account_id, row.id, row.attempt)


def lying() -> Iterator[tuple[str, Making | None]]:
    """All keys there are, each with what it names; None for what is no finished file."""
    for key in list(store().keys()):
        found = KEY.fullmatch(key)
        yield key, Making(*map(int, found.groups())) if found else None


def keys_of(row: ExportRow | None) -> list[str]:
    """The files that a row may have: one of each attempt. Named, not looked for: the store holds everybody's."""
    if row is None:
        return []
    return [Making(row.account_id, row.id, attempt).key for attempt in range(1, row.attempt + 1)]


def remove(keys: Iterable[str]) -> None:
    """Delete files now. What cannot be reached is left to the hourly upkeep, which deletes what nothing stands for."""
    for key in keys:
        try:
            store().delete(key)
        except Exception as error:  # of any storage; the account must be deleted all the same
            log.warning("export not deleted yet", error=type(error).__name__)
