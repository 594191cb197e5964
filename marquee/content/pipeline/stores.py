"""The stores of this installation, and scratch folders that a crash does not leave behind."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from marquee.settings import settings
from marquee.storage import Store


def _store(url: str) -> Store:
    return Store(url, cache=settings().home / "cache")


def mezzanine() -> Store:
    """Accepted sources and their subtitles and artwork, by content hash."""
    return _store(settings().mezzanine)


def work() -> Store:
    """Plans, chunks, joined renditions and packaged releases on their way."""
    return _store(settings().work)


def origins() -> dict[str, Store]:
    """The replicas that edges read from, by region."""
    return {region: _store(url) for region, url in settings().origins.items()}


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder of this process's own, gone afterwards; also clears the folders of processes that were killed."""
    root = settings().home / "scratch"
    root.mkdir(parents=True, exist_ok=True)
    for left in root.iterdir():
        if not Path(f"/proc/{left.name.split('-')[0]}").exists():
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{os.getpid()}-", dir=root) as folder:
        yield Path(folder)
