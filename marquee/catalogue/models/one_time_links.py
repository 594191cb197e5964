"""Links that were sent by e-mail and work once."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, sharded
from marquee.contracts.ids import new_id


class OneTimeLink(Base):
    """Only the SHA-256 of the link's secret is kept. `details` is what the link is about, such as a new address."""

    __tablename__ = "one_time_links"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    purpose: Mapped[str]
    secret_sha256: Mapped[bytes]
    details: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    __table_args__ = sharded("account_id")
