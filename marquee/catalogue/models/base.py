"""What every table has: times with their zone, named constraints."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, LargeBinary, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Every time is stored with its zone; every constraint has a name that migrations can refer to."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (read by SQLAlchemy at class creation)
        int: BigInteger,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(none_as_null=True),  # a column without a value, and no JSON null in it
        list[str]: JSONB,
        bytes: LargeBinary,
    }


def now() -> datetime:
    return datetime.now(UTC)


SHARDS = 8  # partitions of each table of members


def sharded(key: str) -> dict[str, Any]:
    """Table arguments of a table of members: partitioned by a hash of `key`, which every query on it has to name."""
    return {"postgresql_partition_by": f"HASH ({key})"}
