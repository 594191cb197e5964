"""A small world in a lake of the test's own: simulated viewers, some of them taken for real ones."""

import random
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from marquee.contracts.lake import (
    BROWSE,
    COWATCH,
    EDGE_REPORTS,
    EDGE_REQUESTS,
    EVENTS,
    HISTORY,
    PAYMENTS,
    PLAYBACKS,
    PROFILES,
    SEARCH_MISSES,
    SESSIONS,
    SUBSCRIPTION_CHANGES,
    TITLES,
    Table,
    partition_of,
)
from marquee.settings import settings
from marquee.viewing import lake
from tests.viewing.warehouse import edge_faults, hand_made

VIEWERS = 66  # of whom there are more than 200 playbacks
World = dict[str, list[dict[str, Any]]]
WriteLake = Callable[..., None]
STREAM_ID = {
    **dict.fromkeys(("events", "edge_requests", "edge_reports", "playbacks"), "session_id"),
    "browse": "visit_id",
    "sessions": "viewing_session_id",
}
TABLES = (
    EVENTS,
    BROWSE,
    EDGE_REQUESTS,
    EDGE_REPORTS,
    PLAYBACKS,
    SESSIONS,
    PAYMENTS,
    SUBSCRIPTION_CHANGES,
    TITLES,
    PROFILES,
    HISTORY,
    COWATCH,
    SEARCH_MISSES,
)


@pytest.fixture(scope="session")
def world() -> World:
    """Rows by table. A third of the viewers is real; titles are the catalogue's; one leaves it soon."""
    import pyarrow as pa

    from marquee.viewing.simulation.billing_rows import payments, subscription_changes
    from marquee.viewing.simulation.profile_rows import profiles
    from marquee.viewing.simulation.spec import USUAL_FAULTS, Spec
    from marquee.viewing.simulation.titles import simulated_titles
    from marquee.viewing.simulation.true_sessions import sessions
    from marquee.viewing.simulation.viewers import make_viewers
    from marquee.viewing.simulation.world import simulate

    start = date(2026, 3, 2)
    spec = Spec(viewers=VIEWERS, titles=30, days=9, start=start, seed=11, faults=USUAL_FAULTS, edge_days=9)
    chunks = list(simulate(spec))
    parts = {"edge_requests": "requests", "edge_reports": "reports"}
    parts |= {name: name for name in ("events", "browse", "playbacks")}
    whole = {name: pa.concat_tables([getattr(c, part) for c in chunks]) for name, part in parts.items()}
    people = make_viewers(spec, 0, spec.viewers)
    rows = {name: table.to_pylist() for name, table in whole.items()}
    rows["sessions"] = sessions(whole["playbacks"]).to_pylist()
    rows["subscription_changes"] = subscription_changes(spec, people).to_pylist()
    rows |= {"payments": payments(spec, people).to_pylist(), "profiles": profiles(people).to_pylist()}
    for row in (row for table in rows.values() for row in table):
        row["origin"] = "demo" if row.get("profile_id", row.get("account_id")) % 3 == 0 else "simulated"
    rows["subscription_changes"] += hand_made.CHANGES
    rows["payments"] += hand_made.PAYMENTS
    rows["edge_faults"] = [{"pair": pair, "called": called} for pair, called in edge_faults.spoil(rows).items()]
    rows["titles"] = [row | {"origin": "catalogue"} for row in simulated_titles(spec)]
    rows["titles"][0]["available_until_ms"] = spec.end_ms + 86_400_000
    rows["history"] = [
        {"profile_id": 5, "title_id": 6, "at_ms": 7, "watched_ms": None, "rating": 4.0, "origin": "imported"}
    ]
    rows["search_misses"] = hand_made.MISSES
    numbers = [row["title_id"] for row in rows["titles"]]
    rows["cowatch"] = [
        {"title_id": a, "other_id": b, "viewers": (7 * n + 3 * m) % 40, "cosine": (5 * n + 11 * m) % 97 / 97}
        for n, a in enumerate(numbers)
        for m, b in enumerate(numbers)
        if a != b
    ]
    return rows


@pytest.fixture(scope="session")
def built_once(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose lake holds the world, and its warehouse; tests take a copy."""
    from marquee.viewing.warehouse.build import build

    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MARQUEE_HOME", str(folder))
        settings.cache_clear()
        _write(world)
        build()
    settings.cache_clear()
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home, and the settings that lead to it."""
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def built(home: Path, built_once: Path) -> Path:
    """A home with the world in its lake and its warehouse."""
    shutil.copytree(built_once, home, dirs_exist_ok=True)
    return home


@pytest.fixture
def write_lake() -> WriteLake:
    """Write a world's tables into the lake of the settings, each partition in so many files and in any order."""
    return _write


def _write(world: World, *, files: int = 1, copies: int = 1, shuffled: int | None = None) -> None:
    rng = random.Random(shuffled)
    for table in TABLES:
        partitions: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row in world.get(table.name, []):
            partitions.setdefault(_partition(table, row), []).append(row)
        for place, rows in partitions.items():
            lying = rows * copies
            if shuffled is not None:
                rng.shuffle(lying)
            for number in range(files):
                lake.write(
                    table, f"{number}.parquet", lying[number::files], **dict(zip(table.partitions, place, strict=True))
                )


def _partition(table: Table, row: dict[str, Any]) -> tuple[str, ...]:
    if table.partitions == ("source",):
        return (row["origin"],)
    return partition_of(row[STREAM_ID[table.name]])[: len(table.partitions)] if table.partitions else ()


def day_of(row: dict[str, Any], table: str) -> str:
    """`dt` of a row."""
    return partition_of(row[STREAM_ID[table]])[0]


def marts_of(home: Path) -> dict[str, bytes]:
    """The exported marts, byte for byte."""
    return {file.name: file.read_bytes() for file in sorted((home / "warehouse" / "marts").iterdir())}
