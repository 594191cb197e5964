"""Identities: who a member is at another provider."""

from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, sharded


class IdentityRow(Base):
    """The index from whom a provider knows to their account; asked before the account is known."""

    __tablename__ = "identities"
    subject: Mapped[str] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int]
    __table_args__ = sharded("subject")
