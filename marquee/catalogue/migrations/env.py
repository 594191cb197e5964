"""Alembic's entry: one PostgreSQL, online migrations, one at a time whoever starts them."""

import re
from typing import Any

from alembic import context
from sqlalchemy import create_engine, text

from marquee.catalogue.models import Base

LOCK = 0x4D41_5251  # "MARQ": an advisory lock, so that two starting processes do not migrate at once

PARTITION = re.compile(r"_p\d+$")  # partitions are the migrations' affair: the models know the whole tables only


def _compared(found: Any, name: str | None, kind: str, *_: object) -> bool:
    if kind == "foreign_key_constraint":  # PostgreSQL adds one for each partition that is referred to
        return not PARTITION.search(found.elements[0].target_fullname.partition(".")[0])
    return kind != "table" or not PARTITION.search(name or "")


engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
with engine.begin() as connection:
    connection.execute(text(f"select pg_advisory_xact_lock({LOCK})"))
    context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True, include_object=_compared)
    context.run_migrations()
engine.dispose()
