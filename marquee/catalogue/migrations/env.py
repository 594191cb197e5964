"""Alembic's entry: one PostgreSQL, online migrations, one at a time whoever starts them."""

from alembic import context
from sqlalchemy import create_engine, text

from marquee.catalogue.models import Base

LOCK = 0x4D41_5251  # "MARQ": an advisory lock, so that two starting processes do not migrate at once

engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
with engine.begin() as connection:
    connection.execute(text(f"select pg_advisory_xact_lock({LOCK})"))
    context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
    context.run_migrations()
engine.dispose()
