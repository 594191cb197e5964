"""Writes a simulated world into the lake."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from marquee.contracts.lake import (
    BROWSE,
    EDGE_REPORTS,
    EDGE_REQUESTS,
    EVENTS,
    PAYMENTS,
    PROFILES,
    STREAMED,
    SUBSCRIPTION_CHANGES,
    TITLES,
    Table,
)
from marquee.contracts.shipment import Shipment
from marquee.logs import log
from marquee.viewing import lake
from marquee.viewing.simulation.billing_rows import payments, subscription_changes
from marquee.viewing.simulation.profile_rows import names, profiles
from marquee.viewing.simulation.spec import Spec
from marquee.viewing.simulation.title_traits import SimTitle
from marquee.viewing.simulation.titles import simulated_titles
from marquee.viewing.simulation.viewers import make_viewers
from marquee.viewing.simulation.world import simulate

if TYPE_CHECKING:
    import pyarrow as pa

SOURCE = "simulation"
WRITERS = 4  # files are small and wait for the disk


@dataclass(frozen=True)
class Persona:
    """A simulated viewer, as the catalogue's profiles want it. Its origin is `simulated`."""

    id: int
    name: str
    languages: list[str]
    kids: bool
    country: str
    device: str
    created_ms: int


@dataclass(frozen=True)
class Written:
    """What was written: the shipment that names it, and the viewers."""

    shipment: Shipment
    profiles: list[Persona]


def personas(spec: Spec) -> list[Persona]:
    """The viewers of a world."""
    people = make_viewers(spec, 0, spec.viewers)
    rows = profiles(people).select(["profile_id", "languages", "kids", "country", "device", "created_ms"]).to_pylist()
    return [
        Persona(id=row.pop("profile_id"), name=name, **row) for name, row in zip(names(spec, people), rows, strict=True)
    ]


def write(spec: Spec, titles: Sequence[SimTitle] | None = None) -> Written:
    """Simulate into the lake. One world per seed lies there: another spec of the same seed takes its place.

    Writing the same again gives the same files and the same shipment; killed midway it can be run again.
    """
    digest = spec.digest(None if titles is None else sorted(repr(sorted(title.items())) for title in titles))
    files, rows = _viewers(spec, titles)
    days: dict[str, set[str]] = {table.name: set() for table in STREAMED}
    for hour in _hours(spec, titles):
        files.add(hour.key.result())
        rows[hour.table] += hour.rows
        if hour.dt not in days[hour.table]:
            log.info("simulating", day=hour.dt, table=hour.table, so_far=rows[hour.table])
        days[hour.table].add(hour.dt)
    _remove_others(spec, files)
    shipment = _shipment(spec, digest, files, rows, days)
    lake.commit(shipment)
    return Written(shipment, personas(spec))


@dataclass(frozen=True)
class _Hour:
    """A file that is being written."""

    table: str
    dt: str
    rows: int
    key: Future[str]


def _hours(spec: Spec, titles: Sequence[SimTitle] | None) -> Iterator[_Hour]:
    """Simulate and write, a few files ahead of who asks."""
    with ThreadPoolExecutor(WRITERS) as pool:
        waiting: deque[_Hour] = deque()
        for chunk in simulate(spec, titles):
            parts = (EVENTS, chunk.events), (BROWSE, chunk.browse)
            for table, content in (*parts, (EDGE_REQUESTS, chunk.requests), (EDGE_REPORTS, chunk.reports)):
                if content.num_rows:
                    key = pool.submit(_write_hour, spec, table, content, chunk.dt, chunk.hour)
                    waiting.append(_Hour(table.name, chunk.dt, content.num_rows, key))
            while len(waiting) > 2 * WRITERS:
                yield waiting.popleft()
        yield from waiting


def _write_hour(spec: Spec, table: Table, rows: "pa.Table", dt: str, hour: str) -> str:
    return lake.write(table, f"{spec.source}.parquet", rows, dt=dt, hour=hour)


def _viewers(spec: Spec, titles: Sequence[SimTitle] | None) -> tuple[set[str], dict[str, int]]:
    """Write what is not partitioned by time."""
    people = make_viewers(spec, 0, spec.viewers)
    paid, changes = payments(spec, people), subscription_changes(spec, people)
    files = {
        lake.write(PROFILES, "profiles.parquet", profiles(people), source=spec.source),
        lake.write(PAYMENTS, "payments.parquet", paid, source=spec.source),
        lake.write(SUBSCRIPTION_CHANGES, "changes.parquet", changes, source=spec.source),
    }
    if titles is None:
        files.add(lake.write(TITLES, "titles.parquet", simulated_titles(spec), source=spec.source))
    billed = {PAYMENTS.name: paid.num_rows, SUBSCRIPTION_CHANGES.name: changes.num_rows}
    return files, billed | {table.name: 0 for table in STREAMED}


def _remove_others(spec: Spec, files: set[str]) -> None:
    """Remove what another spec of the same seed has left, and what a killed run left half-written."""
    store, own = lake.store(), f"{spec.source}.parquet"
    for table in STREAMED:
        for name in list(store.keys(table.name)):
            last = name.rpartition("/")[2]
            if (last == own or last.startswith(f".{own}.")) and name not in files:
                store.delete(name)
    store.delete(f"{PAYMENTS.name}/{own}")  # where payments lay before they had partitions
    own_titles = lake.key(TITLES, "titles.parquet", source=spec.source)
    if own_titles not in files:
        store.delete(own_titles)


def _shipment(spec: Spec, digest: str, files: set[str], rows: dict[str, int], days: dict[str, set[str]]) -> Shipment:
    """The shipment of this world: the one there is, where this very world was shipped last, else a new one.

    A new one also names the days of the world before it, whose files are gone.
    """
    kind = f"{SOURCE}-{spec.seed}-"
    before = [shipment for shipment in lake.shipments() if shipment.id.split("-", 1)[1].startswith(kind)]
    if before and before[-1].id.endswith(digest):
        return before[-1]
    for table, touched in days.items():
        touched.update(*(shipment.partitions.get(table, ()) for shipment in before))
    return Shipment(
        id=lake.shipment_id(f"{kind}{digest}"),
        source=SOURCE,
        files=tuple(sorted(files)),
        rows=rows,
        partitions={name: tuple(sorted(touched)) for name, touched in days.items()},
    )
