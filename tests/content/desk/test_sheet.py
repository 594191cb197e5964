"""A title's page tells what there is, whatever is missing."""

import pytest

from marquee.catalogue.database import begin
from marquee.catalogue.models import ReleaseRow
from marquee.content.desk import listing, sheet
from marquee.content.pipeline import plans
from marquee.content.pipeline.stores import work
from marquee.contracts.errors import NotFound
from tests.content.desk.conftest import Deliver


@pytest.mark.parametrize("kept", [b"{}", b"not JSON", None])
def test_a_plan_that_cannot_be_read_hides_nothing_of_a_title_in_the_making(
    deliver: Deliver, kept: bytes | None
) -> None:
    title_id = deliver(publish=False)
    with begin() as session:
        session.query(ReleaseRow).update({"document": None, "state": "building"})
    if kept is None:
        work().remove("plan-a/plan.json")
    else:
        work().write("plan-a/plan.json", kept)
    assert [line.building for line in listing.titles().items] == [None]
    assert [release.building for release in sheet.title_sheet(title_id).releases] == [None]
    with pytest.raises(NotFound, match="plan-a"):
        plans.load("plan-a")
