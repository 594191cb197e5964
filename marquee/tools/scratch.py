"""Scratch folders that a crash does not leave behind."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from marquee.settings import settings


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
