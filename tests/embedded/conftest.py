"""Stacks of their own: a MARQUEE_HOME in a temporary folder, on free ports."""

import os
from collections.abc import Callable, Iterator
from itertools import count
from tempfile import TemporaryDirectory

import pytest

from marquee.embedded import commands, processes
from marquee.embedded.ports import free_for_settings
from marquee.settings import Settings

SMALL = ("postgres", "origin", "shield", "edge-a", "edge-b")


@pytest.fixture(scope="module")
def make_settings() -> Iterator[Callable[..., Settings]]:
    """Settings with a home of their own; values by name replace the default ones.

    Not below pytest's folder, which every starting pytest closes to other accounts: the database's has to pass.
    """
    with TemporaryDirectory(prefix="marquee-test-") as folder:
        homes = count()

        def make(**values: object) -> Settings:
            home = f"{folder}/home with spaces {next(homes)}"
            return Settings(_env_file=None, **{"home": home, "edge_cache_mb": 64, **free_for_settings(), **values})

        yield make


@pytest.fixture(scope="module")
def small_stack(make_settings: Callable[..., Settings]) -> Iterator[Settings]:
    """A database and the nginx servers, up; brought back up by tests that break it, down at the end."""
    s = make_settings()
    os.environ["MARQUEE_HOME"] = str(s.home)
    try:
        bring_up(s)
        yield s
    finally:
        commands.down(s, say=str)
        del os.environ["MARQUEE_HOME"]
        assert not processes.of_stack(str(s.home), None)


def bring_up(s: Settings) -> list[str]:
    """Up without the catalogue's migration; what was said."""
    said: list[str] = []
    commands.up(s, said.append, migrate=lambda: None, only=SMALL)
    return said


@pytest.fixture(scope="session")
def up_again() -> Callable[[Settings], list[str]]:
    return bring_up
