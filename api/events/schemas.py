"""The answer to a batch of events."""

from pydantic import BaseModel


class Rejected(BaseModel):
    """An event that was refused: its place in the batch, the field at fault and why."""

    index: int
    field: str
    reason: str


class EventReceipt(BaseModel):
    """How many events are on disk now, known ones among them, and which were refused."""

    accepted: int
    rejected: list[Rejected]
