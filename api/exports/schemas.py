"""Schemas of a member's own copy."""

from datetime import datetime

from pydantic import BaseModel

from marquee.contracts.members import ExportState


class Export(BaseModel):
    """How it stands with the latest copy; everything is null before the first.

    `next_at` is from when on another one may be asked for, `size` in bytes, `expires_at` when the file is deleted.
    """

    state: ExportState | None = None
    asked_at: datetime | None = None
    next_at: datetime | None = None
    size: int | None = None
    expires_at: datetime | None = None


class ExportTicket(BaseModel):
    """What the archive is fetched with, as often as needed until it expires; `size` in bytes."""

    ticket: str
    expires_at: datetime
    size: int
