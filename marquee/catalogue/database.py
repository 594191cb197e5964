"""Connections to the catalogue's database."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.orm import Session

from marquee.catalogue import query_spans
from marquee.contracts.errors import Conflict, Unavailable
from marquee.settings import settings
from marquee.settings.database_url import CONNECT_S, CUT_MS

MIGRATIONS = Path(__file__).parent / "migrations"

# Who was led to another server while the nearest was away is led back after so long.
RETURN_S = 60


def engine(url: str | None = None) -> Engine:
    """The process's connections to a database; those that died with a restarted server are replaced silently."""
    return _engine(url or settings().database())


def near_engine() -> Engine:
    """Connections for reads that may be some seconds old: to this region's copy, where there are regions."""
    return _engine(settings().near_database())


@lru_cache
def _engine(url: str) -> Engine:
    made = create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,  # in messages of errors
        pool_size=10,
        max_overflow=20,
        pool_recycle=RETURN_S if of_several(make_url(url)) else -1,
        connect_args=_patience(url),
    )
    event.listen(made, "handle_error", _fenced)
    query_spans.follow(made)
    return made


def _fenced(context: ExceptionContext) -> Unavailable | None:
    """A server that takes no writes any more is left: of several another one does, or will in a moment."""
    if not isinstance(context.original_exception, ReadOnlySqlTransaction):
        return None
    context.is_disconnect = True
    return Unavailable("the database takes no writes at the moment")


def of_several(url: URL) -> bool:
    """Whether it names several servers, of which one is taken."""
    return "host" in url.query


def _patience(url: str) -> dict[str, int]:
    """How long a server is waited for. Where there are several, one that was cut off is given up for the next."""
    if not of_several(make_url(url)):
        return {"connect_timeout": 5}
    return {"connect_timeout": CONNECT_S, "tcp_user_timeout": CUT_MS, "keepalives_idle": CONNECT_S}


@contextmanager
def begin() -> Iterator[Session]:
    """One transaction: committed when the block ends, rolled back when it raises."""
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def begin_near() -> Iterator[Session]:
    """One transaction of reads that may be some seconds old, in this region's copy."""
    with Session(near_engine(), expire_on_commit=False) as session, session.begin():
        yield session


def has_copy() -> bool:
    """Whether reads may go to another server than writes."""
    return settings().near_database() != settings().database()


def migrate(url: str | None = None) -> None:
    """Bring the schema up to date. Raises Conflict for one that is newer than this code."""
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", (url or settings().database()).replace("%", "%%"))
    with engine(url).connect() as connection:
        require_known(MigrationContext.configure(connection).get_current_revision())
    command.upgrade(config, "head")


def require_known(revision: str | None) -> None:
    """Raise Conflict for a revision of the schema that this code does not have: a later version has made it."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(MIGRATIONS))
    if revision and revision not in {each.revision for each in scripts.walk_revisions()}:
        raise Conflict(
            "the database's schema is newer than this version of Marquee, and there is no way back",
            where="catalogue",
            expected=f"at most {scripts.get_current_head()}: the later version, or a backup from before it",
            got=revision,
        )
