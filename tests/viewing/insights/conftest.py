"""A home of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from marquee.settings import settings


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where marts are read from; empty at first."""
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield settings().home / "warehouse"
    monkeypatch.undo()
    settings.cache_clear()
