"""Deliveries that were refused, for content ops."""

from datetime import datetime

from sqlalchemy import select

from marquee.catalogue.database import begin
from marquee.catalogue.models import DeliveryRow, DeliveryState
from marquee.contracts.base import Contract
from marquee.contracts.delivery import Refusal


class RefusedRow(Contract):
    """A delivery in quarantine."""

    at: datetime
    refusal: Refusal


def refused(limit: int = 50) -> list[RefusedRow]:
    """The deliveries refused last."""
    statement = select(DeliveryRow).filter_by(state=DeliveryState.REFUSED).order_by(DeliveryRow.received_at.desc())
    with begin() as session:
        return [
            RefusedRow(at=row.received_at, refusal=Refusal.model_validate(row.document))
            for row in session.scalars(statement.limit(limit))
        ]
