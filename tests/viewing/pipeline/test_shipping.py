"""What goes from the API's side into the lake."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from marquee.catalogue.database import begin
from marquee.catalogue.models import VisitRow, now
from marquee.viewing.pipeline import shipping
from tests.households import household

pytestmark = pytest.mark.usefixtures("catalogue")


def test_visits_long_over_are_closed():
    whose = household()
    with begin() as session:
        owner = {"account_id": whose.account_id, "profile_id": whose.profile_id}
        ages = [timedelta(0), shipping.OPEN - timedelta(hours=1), shipping.OPEN + timedelta(hours=1)]
        visits = [VisitRow(**owner, started_at=now() - age) for age in ages]
        session.add_all(visits)
        session.flush()
        kept = {visit.id for visit in visits[:2]}
    assert shipping.ship() is None  # nothing was watched
    with begin() as session:
        assert set(session.scalars(select(VisitRow.id))) == kept
