"""PostgreSQL and its standbys; connections of our own with short time limits, so that a full pool hides nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from marquee.health.checks import Check, Part, State, duration, size
from marquee.settings import Settings

LIMITS = {"connect_timeout": 2, "options": "-c statement_timeout=3000"}  # seconds, milliseconds
LATE_S = 10.0
FULL = 0.85  # of all connections
SERVER = text("""
    select current_setting('server_version'), pg_is_in_recovery(), pg_database_size(current_database()),
        (select count(*) from pg_stat_activity where backend_type = 'client backend'),
        current_setting('max_connections')::int
""")
STANDBYS = text("""
    select application_name, state, coalesce(extract(epoch from replay_lag), 0) from pg_stat_replication
    order by application_name
""")


@contextmanager
def asked(s: Settings, name: str = "marquee") -> Iterator[Session]:
    """A session of its own in one of the databases."""
    engine = create_engine(s.database(name), poolclass=NullPool, connect_args=LIMITS, hide_parameters=True)
    with Session(engine) as session:
        yield session


def parts(s: Settings) -> list[Part]:
    return [Part("Database", "postgresql", partial(_server, s))]


def _server(s: Settings) -> Iterator[Check]:
    with asked(s) as session:
        server: Any = session.execute(SERVER).one()
        version, recovering, bytes_, used, most = server
        standbys: list[Any] = [] if recovering else list(session.execute(STANDBYS))
    role = "a standby" if recovering else "the primary"
    yield Check("postgresql", State.OK, f"{role}, PostgreSQL {version.split()[0]}, {size(bytes_)}")
    full = State.WARNING if used > FULL * most else State.OK
    yield Check("connections", full, f"{used} of {most}")
    for name, state, lag in standbys:
        well = state == "streaming" and lag <= LATE_S
        yield Check(f"standby {name}", State.OK if well else State.WARNING, f"{state}, {duration(float(lag))} behind")
