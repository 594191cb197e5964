"""The answer to a batch of events."""

from pydantic import BaseModel


class Rejected(BaseModel):
    """An event that was not kept: its place in the batch, the field at fault and why."""

    index: int
    field: str
    reason: str


class EventReceipt(BaseModel):
    """How many events were new, how many were known already, and which were refused."""

    accepted: int
    duplicates: int
    rejected: list[Rejected]
