"""Connections to the catalogue's database."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from marquee.settings import settings

MIGRATIONS = Path(__file__).parent / "migrations"


def engine(url: str | None = None) -> Engine:
    """The process's connections to a database; those that died with a restarted server are replaced silently."""
    return _engine(url or settings().database())


@lru_cache
def _engine(url: str) -> Engine:
    return create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,  # in messages of errors
        pool_size=10,
        max_overflow=20,
        connect_args={"connect_timeout": 5},
    )


@contextmanager
def begin() -> Iterator[Session]:
    """One transaction: committed when the block ends, rolled back when it raises."""
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        yield session


def migrate(url: str | None = None) -> None:
    """Bring the schema up to date."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", (url or settings().database()).replace("%", "%%"))
    command.upgrade(config, "head")
