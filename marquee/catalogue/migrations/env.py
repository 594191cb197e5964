"""Alembic's entry: one PostgreSQL, online migrations, one at a time whoever starts them.

Each migration is a transaction of its own, so that one may make an index beside running requests
(`with op.get_context().autocommit_block()`, `postgresql_concurrently=True`); what is killed goes on where it was.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from marquee.catalogue.models import Base

LOCK = 0x4D41_5251  # "MARQ": an advisory lock, so that two starting processes do not migrate at once
LOOK_S = 0.1
# A statement that waits for a table makes every request for it wait behind: it rather fails, and is run again.
PATIENCE = {"options": "-c lock_timeout=10s"}
PARTITION = re.compile(r"_p\d+$")  # partitions are the migrations' affair: the models know the whole tables only


def _compared(found: Any, name: str | None, kind: str, *_: object) -> bool:
    if kind == "foreign_key_constraint":  # PostgreSQL adds one for each partition that is referred to
        return not PARTITION.search(found.elements[0].target_fullname.partition(".")[0])
    return kind != "table" or not PARTITION.search(name or "")


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Hold the lock; asked for again and again, since a concurrent index waits for whoever waits in a query."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(text(f"select pg_try_advisory_lock({LOCK})")):
            time.sleep(LOOK_S)
        yield


engine = create_engine(
    context.config.get_main_option("sqlalchemy.url") or "", poolclass=NullPool, connect_args=PATIENCE
)
with _alone(engine), engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        include_object=_compared,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
