"""What is backed up beside the database and the secrets: each store, by the name it has in a backup."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from marquee.settings import Settings
from marquee.storage import Store

ORIGIN = "origin"
TEMPORARY = re.compile(r"(^|/)\.[^/]+\.[0-9a-f]{8}$")  # a file on its way, see marquee.storage.replacing
WORK_KEPT = ("plans/", "qc/", "measured/")
WORK_FILES = ("/plan.json", "/ladder.json")


@dataclass(frozen=True)
class Place:
    """A store with what of it is wanted. Several stores (replicas) hold the same keys with the same bytes.

    A file of a store that `changes` may be written to while it is copied.
    """

    name: str
    stores: tuple[Store, ...]
    changes: bool = False
    wanted: Callable[[str], bool] = lambda _: True

    @property
    def replicas(self) -> bool:
        """Whether its files are those of releases, whose hashes are known."""
        return self.name == ORIGIN

    def takes(self, key: str) -> bool:
        return not TEMPORARY.search(key) and self.wanted(key)


def inbox(s: Settings) -> Place:
    """Deliveries that wait. Copied before the database: what is taken meanwhile leaves the inbox."""
    return Place("inbox", (Store(s.remote_inbox or f"file://{s.inbox}"),), changes=True)


def viewing(s: Settings) -> tuple[Place, ...]:
    """What viewers did, on its way from the logs into the lake: copied while nothing is shipped."""
    return (
        Place("events", (_folder(s.event_log),), changes=True),
        Place("edge-log", (_folder(s.edge_log),), changes=True),
        Place("lake", (Store(s.lake),), changes=True),
    )


def stores(s: Settings) -> tuple[Place, ...]:
    """Copied after the database, for they are only added to: all that it names is there."""
    return (
        Place("mezzanine", (Store(s.mezzanine),)),
        Place("work", (Store(s.work),), changes=True, wanted=_not_chunks),
        Place(ORIGIN, tuple(Store(url) for url in s.origins.values())),
        Place("warehouse", (Store(s.warehouse),), changes=True),
        Place("mlflow", (_folder(s.home / "mlflow"),)),
        Place("quarantine", (_folder(s.quarantine),)),
    )


def every(s: Settings) -> tuple[Place, ...]:
    return (inbox(s), *viewing(s), *stores(s))


def _folder(path: Path) -> Store:
    return Store(f"file://{path}")


def _not_chunks(key: str) -> bool:
    """Plans, QC's pages and measures. Chunks and renditions are made again from sources and releases."""
    return key.startswith(WORK_KEPT) or key.endswith(WORK_FILES)
