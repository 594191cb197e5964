"""Imports a viewing history from another system into the lake."""

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marquee.contracts.errors import InvalidInput
from marquee.contracts.lake import HISTORY, PROFILES, TITLES
from marquee.contracts.shipment import Shipment
from marquee.logs import log
from marquee.viewing import lake
from marquee.viewing.history.compact_rows import Sightings
from marquee.viewing.history.descriptions import ORIGIN, Described, described, profile_row, title_row, traits
from marquee.viewing.history.ids import external_id
from marquee.viewing.history.layout import layout
from marquee.viewing.history.rows import Reject, Rows

if TYPE_CHECKING:
    pass

PART_ROWS = 2_000_000  # in a file
REJECTS = "_rejects"
RESERVED = re.compile(r"catalogue|simulated(-.*)?")


@dataclass(frozen=True)
class Report:
    """What an import took. `rejects` is the key in the lake of a table of lines and reasons; None where all was good.

    `known` counts the titles that are the catalogue's own, `repeated` the rows that came more than once.
    """

    source: str
    interactions: int
    repeated: int
    rejected: int
    viewers: int
    titles: int
    known: int
    rejects: str | None
    shipment: str


def import_history(
    path: Path,
    *,
    source: str,
    items: Path | None = None,
    viewers: Path | None = None,
    columns: Mapping[str, str] | None = None,
    known: Mapping[str, int] | None = None,
) -> Report:
    """Import who watched what: a CSV, TSV or Parquet table, or a folder in MovieLens' shape.

    `columns` names columns by role (user, item, timestamp, rating, seconds) where they go by other names; `known` maps
    external ids or slugs of titles to the catalogue's ids. A bad row is put aside with its line and the reason, and the
    import goes on. The same source again takes the place of what it brought before; the same content changes nothing.
    Raises InvalidInput when the source's name or the tables' columns will not do.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", source) or RESERVED.fullmatch(source):
        expected = "small letters, digits and dashes; not catalogue or simulated"
        raise InvalidInput("not a name for a source", where="source", expected=expected, got=source)
    wanted = columns or {}
    parts = layout(path, items, viewers, wanted)
    rows = Rows(parts)
    titles, people = described(parts.items, "item", wanted), described(parts.viewers, "user", wanted)
    book = _Book(source, titles, known or {})
    rejects: list[Reject] = []
    for good, bad in rows:
        book.sightings.add(good)
        rejects += bad
        log.info("importing", source=source, rows=book.sightings.rows, rejected=len(rejects))
    return book.close(people, rejects)


class _Book:
    """An import while it is going on."""

    def __init__(self, source: str, items: Described, known: Mapping[str, int]) -> None:
        self.source, self._items, self._known = source, items, known
        self.sightings = Sightings(lambda user: external_id(source, "user", user), self._title_id)

    def _own(self, item: str) -> int | None:
        """The catalogue's id of a title, by its external id or its slug."""
        slug = self._items.first(item, ("slug",))
        return self._known.get(item, self._known.get(slug) if slug else None)

    def _title_id(self, item: str) -> int:
        own = self._own(item)
        return external_id(self.source, "item", item) if own is None else own

    def close(self, viewers: Described, rejects: list[Reject]) -> Report:
        """Write everything; the shipment is last."""
        history = self.sightings.table(ORIGIN)
        titles, profiles = self._titles(), self._profiles(viewers)
        files = {lake.write(TITLES, "titles.parquet", titles, source=self.source)} if titles else set()
        files.add(lake.write(PROFILES, "profiles.parquet", profiles, source=self.source))
        for number, first in enumerate(range(0, max(1, history.num_rows), PART_ROWS)):
            name = f"part-{number:04}.parquet"
            files.add(lake.write(HISTORY, name, history.slice(first, PART_ROWS), source=self.source))
        _remove_others(self.source, files)
        own = sum(self._own(item) is not None for item in self._items.rows.keys() | self.sightings.items.keys())
        counts = {HISTORY.name: history.num_rows, TITLES.name: len(titles), PROFILES.name: len(profiles)}
        return Report(
            source=self.source,
            interactions=history.num_rows,
            repeated=self.sightings.rows - history.num_rows,
            rejected=len(rejects),
            viewers=len(profiles),
            titles=len(titles) + own,
            known=own,
            rejects=_write_rejects(self.source, rejects),
            shipment=_commit(self.source, files, counts),
        )

    def _titles(self) -> list[dict[str, Any]]:
        seen = self.sightings.items
        names = sorted(name for name in self._items.rows.keys() | seen.keys() if self._own(name) is None)
        return [title_row(self.source, name, self._title_id(name), self._items, seen.get(name)) for name in names]

    def _profiles(self, viewers: Described) -> list[dict[str, Any]]:
        seen, known = self.sightings.users, traits(viewers)
        names = sorted(viewers.rows.keys() | seen.keys())
        return [profile_row(self.source, name, known.get(name, []), seen.get(name)) for name in names]


def _remove_others(source: str, files: set[str]) -> None:
    """Remove what an earlier import of the source wrote and this one did not."""
    store = lake.store()
    for table in (HISTORY, TITLES, PROFILES):
        for name in list(store.keys(f"{table.name}/source={source}")):
            if name not in files:
                store.delete(name)


def _write_rejects(source: str, rejects: list[Reject]) -> str | None:
    key = f"{REJECTS}/history-{source}.csv"
    if not rejects:
        lake.store().delete(key)
        return None
    content = io.StringIO()
    writer = csv.writer(content)
    writer.writerow(["line", "reason"])
    writer.writerows((reject.line, reject.reason) for reject in rejects)
    lake.store().write(key, content.getvalue().encode())
    return key


def _commit(source: str, files: set[str], rows: dict[str, int]) -> str:
    """The id of the shipment: the one there is, where this very content was shipped last, else a new one."""
    store, kind = lake.store(), f"history-{source}-"
    content = "".join(f"{name} {store.sha256(name)}\n" for name in sorted(files))
    digest = hashlib.sha256(content.encode()).hexdigest()[:16]
    before = [s.id for s in lake.shipments() if re.fullmatch(rf"{kind}[0-9a-f]{{16}}", s.id.split("-", 1)[1])]
    if before and before[-1].endswith(digest):
        return before[-1]
    shipment = Shipment(
        id=lake.shipment_id(f"{kind}{digest}"), source="history", files=tuple(sorted(files)), rows=rows, partitions={}
    )
    lake.commit(shipment)
    return shipment.id
